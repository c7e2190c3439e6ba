using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>Pre-ranking and the diversity step after it.</summary>
public sealed record PreRankSettings
{
    /// <summary>What orders the recalled items.</summary>
    public PreRanker Ranker { get; init; } = PreRanker.Towers;

    /// <summary>What orders them when there is no user vector.</summary>
    public PreRanker Fallback { get; init; } = PreRanker.RecallScore;

    /// <summary>Weight of each objective's head in the fused dot product.</summary>
    public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>What is added to an item's pre-rank score.</summary>
    public PreRankCalibration Calibration { get; init; } = new();

    /// <summary>Items that are fetched after merging.</summary>
    public int Merge { get; init; } = 600;

    /// <summary>How the diversity step chooses.</summary>
    public DiversityMethod Diversity { get; init; } = DiversityMethod.Dpp;

    /// <summary>Items that the diversity step picks first; the rest follow by score.</summary>
    public int DiversePicks { get; init; } = 64;

    /// <summary>How many of the newest picks a pick is compared with.</summary>
    public int Window { get; init; } = 16;

    /// <summary>Trade-off between relevance (1) and diversity (0).</summary>
    public double Theta { get; init; } = 0.9;

    /// <summary>Share of the similarity that is kind alone, 0..1.</summary>
    public double KindShare { get; init; } = 0.1;

    /// <summary>Most items of one creator that go on to fine ranking, while others are left.</summary>
    public int CreatorCap { get; init; } = 8;

    /// <summary>Items that go on to fine ranking.</summary>
    public int Keep { get; init; } = 300;
}
