namespace KgOrleans.Ranking.Recall;

/// <summary>The result of merging round 1.</summary>
/// <param name="Winners">Best first.</param>
/// <param name="Found">Distinct items that the channels found, winners or not.</param>
/// <param name="PerChannel">Items that each channel found.</param>
public sealed record MergedRecall(List<MergedCandidate> Winners, int Found, int[] PerChannel);
