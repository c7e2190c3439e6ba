namespace KgOrleans.Ranking.ReRanking;

/// <summary>An item that stands at a fixed position.</summary>
/// <param name="Candidate">Index of the candidate.</param>
/// <param name="Position">Position on the page, from 0.</param>
public readonly record struct PinnedItem(int Candidate, int Position);
