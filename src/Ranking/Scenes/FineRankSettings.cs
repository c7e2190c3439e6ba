namespace KgOrleans.Ranking.Scenes;

/// <summary>Fine ranking and the fusion of its objectives.</summary>
public sealed record FineRankSettings
{
    /// <summary>How the objectives become one score.</summary>
    public FusionSettings Fusion { get; init; } = new();

    /// <summary>Calibration of an objective's logit before it becomes a probability: p = sigmoid(scale x logit + shift). Objectives that are not named are taken as they are.</summary>
    public IReadOnlyDictionary<string, PlattScaling> Calibration { get; init; } = new Dictionary<string, PlattScaling>();

    /// <summary>Items that go on to re-ranking.</summary>
    public int Keep { get; init; } = 100;

    /// <summary>How many items are fine-ranked when the server is loaded; null always ranks all that pre-ranking keeps.</summary>
    public AdaptiveWidth? AdaptiveWidth { get; init; } = new();
}
