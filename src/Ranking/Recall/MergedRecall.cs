namespace KgOrleans.Ranking.Recall;

/// <summary>What merging made of round 1.</summary>
/// <param name="Winners">Best first.</param>
/// <param name="Found">Distinct works that the channels found, winners or not.</param>
/// <param name="PerChannel">Works that each channel found.</param>
public sealed record MergedRecall(List<MergedCandidate> Winners, int Found, int[] PerChannel);
