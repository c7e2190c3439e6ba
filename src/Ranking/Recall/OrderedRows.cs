namespace KgOrleans.Ranking.Recall;

/// <summary>The best live rows of a view by a score that is the same for all users, eligible or not: score descending, then key ascending.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Scores">Their scores.</param>
/// <param name="IsAll">Whether no live row with a score is missing.</param>
internal sealed record OrderedRows(int[] Rows, float[] Scores, bool IsAll);
