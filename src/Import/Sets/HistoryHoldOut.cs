namespace KgOrleans.Import.Sets;

/// <summary>
/// Which part of every user's history is set aside for an evaluation. The choice depends on the seed and the ids alone, not on the order of the file.
/// </summary>
/// <param name="Share">Share of each user's items, 0..1; rounded to whole items, and one at least is kept.</param>
/// <param name="Seed">Seed of the choice.</param>
public sealed record HistoryHoldOut(double Share, long Seed)
{
    /// <summary>Nothing is set aside.</summary>
    public static HistoryHoldOut None { get; } = new(0, 0);

    /// <summary>The items of a user that are set aside.</summary>
    public IEnumerable<string> Choose(string user, IReadOnlyCollection<string> items)
    {
        var count = Math.Min((int)Math.Round(items.Count * Share, MidpointRounding.AwayFromZero), items.Count - 1);
        return count <= 0 ? [] : items.OrderBy(item => StableHash.Of(user, item, Seed)).ThenBy(item => item, StringComparer.Ordinal).Take(count);
    }
}
