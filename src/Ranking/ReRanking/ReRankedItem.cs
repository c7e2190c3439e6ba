namespace KgOrleans.Ranking.ReRanking;

/// <summary>How an item came to its position.</summary>
/// <param name="Row">Its row in the block.</param>
/// <param name="Preferred">
/// Position that the diversity step alone would have given it here: its position plus the number of candidates with a higher value.
/// </param>
/// <param name="Gain">Gain of the diversity step; null for an item that the step did not weigh.</param>
/// <param name="IsPinned">Whether it is pinned here.</param>
/// <param name="IsPromoted">Whether a minimum share brought it here.</param>
public readonly record struct ReRankedItem(int Row, int Preferred, double? Gain, bool IsPinned, bool IsPromoted);
