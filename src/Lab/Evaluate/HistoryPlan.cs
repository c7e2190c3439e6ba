using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Evaluate;

/// <summary>What is measured on a history.</summary>
/// <param name="Data">Path of the data.</param>
/// <param name="Split">How positives are set aside.</param>
/// <param name="Share">Share of each user's positives, or of all of them, that is set aside, 0..1.</param>
/// <param name="Seeds">Seeds of the choice; one run each.</param>
/// <param name="AgeDays">How many days before now the newest event lies.</param>
/// <param name="Scenes">Scenes that are asked.</param>
/// <param name="Fit">Whether the scenes are asked once more with a bundle that is fitted to what was sent.</param>
internal sealed record HistoryPlan(
    string Data, HistorySplit Split, double Share, IReadOnlyList<int> Seeds, int AgeDays, IReadOnlyList<HistoryScene> Scenes, bool Fit);

/// <summary>A scene that an evaluation asks.</summary>
/// <param name="Label">Name in the table.</param>
/// <param name="Scene">Scene to ask.</param>
/// <param name="Document">Document that is written first; null asks the scene as the service has it.</param>
internal sealed record HistoryScene(string Label, string Scene, string? Document);

/// <summary>How positives are set aside.</summary>
internal enum HistorySplit
{
    /// <summary>A random share of each user's items.</summary>
    Random,

    /// <summary>The newest share of each user's items.</summary>
    Last,

    /// <summary>What happened in the newest share of all events.</summary>
    Time,
}

/// <summary>A history in two parts.</summary>
/// <param name="Sent">What the service is sent.</param>
/// <param name="HeldOut">Items set aside, by user: those that the user had not met before.</param>
internal sealed record SplitHistory(ImportSet Sent, IReadOnlyDictionary<string, HashSet<string>> HeldOut)
{
    private readonly Lazy<ILookup<string, string>> _known = new(() => Sent.Events.ToLookup(e => e.UserId, e => e.ItemId));

    /// <summary>Items that a user has met, the newest that a request may exclude.</summary>
    public string[] Known(string user) => [.. _known.Value[user].Reverse().Distinct().Take(Limits.Exclude)];
}
