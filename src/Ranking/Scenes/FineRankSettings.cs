namespace KgOrleans.Ranking.Scenes;

/// <summary>Fine ranking and the fusion of its objectives.</summary>
public sealed record FineRankSettings
{
    /// <summary>What ranks; with none the order of pre-ranking stands, and load narrows nothing.</summary>
    public FineRanker Ranker { get; init; }

    /// <summary>How the objectives become one score.</summary>
    public FusionSettings Fusion { get; init; } = new();

    /// <summary>Calibration by objective: p = sigmoid(scale x logit + shift). Objectives not named keep their logit.</summary>
    public IReadOnlyDictionary<string, PlattScaling> Calibration { get; init; } = new Dictionary<string, PlattScaling>();

    /// <summary>Items that go on to re-ranking.</summary>
    public int Keep { get; init; } = 100;

    /// <summary>Fine-ranks fewer items under load; null always ranks all that pre-ranking keeps.</summary>
    public AdaptiveWidth? AdaptiveWidth { get; init; } = new();
}
