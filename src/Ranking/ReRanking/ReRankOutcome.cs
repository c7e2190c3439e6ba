namespace KgOrleans.Ranking.ReRanking;

/// <summary>A page.</summary>
/// <param name="Items">Its items, in order.</param>
/// <param name="Relaxed">
/// A count for each of <see cref="RuleSet.Names"/>: for a window rule, how many items break it with the items before them; for a minimum share, how many items
/// it is short of.
/// </param>
public sealed record ReRankOutcome(ReRankedItem[] Items, int[] Relaxed);
