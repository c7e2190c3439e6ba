using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Events;

/// <summary>
/// What an event of the log says about items that users have in common. It follows from the record alone, so that reading the log again gives the same
/// neighbours.
/// </summary>
/// <remarks>
/// Incremental item-based collaborative filtering (Huang et al., "TencentRec: Real-time Stream Recommendation in Practice", SIGMOD 2015): the first sign of a
/// user's liking pairs the item with the items that the user liked before. A user with many items says less with each pair: the weight falls with their
/// number.
/// </remarks>
public static class ItemPairs
{
    /// <summary>Newest items of a user that a new one is paired with.</summary>
    public const int Most = 48;

    /// <summary>Weight of a user's first item.</summary>
    public const int Unit = 8;

    /// <summary>Whether an event pairs its item, be it with nothing yet.</summary>
    public static bool IsOf(UserEvent e) => e.PairedWith is not null;

    /// <summary>How many items the event pairs its item with.</summary>
    public static int CountOf(UserEvent e) => (e.PairedWith?.Length ?? 0) / PartialKey.Bytes;

    /// <summary>Weight of each pair of an event, and of the user among those who like the item.</summary>
    /// <param name="items">Items that the user liked before.</param>
    public static int WeightOf(int items) => Math.Max(1, (int)Math.Round(Unit / Math.Log2(2 + items)));
}
