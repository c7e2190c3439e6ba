using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Evaluate;

/// <summary>A history in two parts.</summary>
/// <param name="Sent">What the service is sent.</param>
/// <param name="HeldOut">Items set aside, by user: those that the user had not met before.</param>
internal sealed record SplitHistory(ImportSet Sent, IReadOnlyDictionary<string, HashSet<string>> HeldOut)
{
    private readonly Lazy<ILookup<string, string>> _known = new(() => Sent.Events.ToLookup(e => e.UserId, e => e.ItemId));

    /// <summary>Items that a user has met, the newest that a request may exclude.</summary>
    public string[] Known(string user) => [.. _known.Value[user].Reverse().Distinct().Take(Limits.Exclude)];
}
