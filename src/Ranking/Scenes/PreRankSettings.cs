using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>Pre-ranking and the diversity step after it.</summary>
public sealed record PreRankSettings
{
    /// <summary>What orders the recalled works.</summary>
    public PreRanker Ranker { get; init; } = PreRanker.Towers;

    /// <summary>What orders them when there is no user vector: statistics or recall score.</summary>
    public PreRanker Fallback { get; init; } = PreRanker.RecallScore;

    /// <summary>Weight of each objective's head in the fused dot product.</summary>
    public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>What is added to a work's pre-rank score.</summary>
    public PreRankCalibration Calibration { get; init; } = new();

    /// <summary>Works that are fetched after merging.</summary>
    public int Merge { get; init; } = 600;

    /// <summary>How the diversity step chooses.</summary>
    public DiversityMethod Diversity { get; init; } = DiversityMethod.Dpp;

    /// <summary>Works that diversity picks first; the rest follows by score.</summary>
    public int DiversePicks { get; init; } = 64;

    /// <summary>Diversity window of those picks: how many newest picks a pick is compared with.</summary>
    public int Window { get; init; } = 16;

    /// <summary>Trade-off between relevance (1) and diversity (0), at most 0.98.</summary>
    public double Theta { get; init; } = 0.9;

    /// <summary>Share of the similarity that is kind alone, 0..1.</summary>
    public double KindShare { get; init; } = 0.1;

    /// <summary>Most works of one creator that go on to fine ranking, when there are others.</summary>
    public int CreatorCap { get; init; } = 8;

    /// <summary>Works that go on to fine ranking.</summary>
    public int Keep { get; init; } = 300;
}
