using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>How a diversity step weighs relevance against likeness.</summary>
/// <param name="Method">The method.</param>
/// <param name="Theta">Trade-off between relevance (1) and diversity (0): theta of the DPP, lambda of MMR, the greatest cosine of scatter.</param>
/// <param name="Window">How many of the newest items, the next one among them, are compared; 0 for all.</param>
/// <param name="KindShare">Share of the similarity that is kind alone, 0..1.</param>
public readonly record struct DiversitySettings(DiversityMethod Method, float Theta, int Window, float KindShare);
