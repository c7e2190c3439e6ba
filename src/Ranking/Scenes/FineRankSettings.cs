namespace KgOrleans.Ranking.Scenes;

/// <summary>Fine ranking and the fusion of its objectives.</summary>
public sealed record FineRankSettings
{
    /// <summary>How the objectives become one score.</summary>
    public FusionSettings Fusion { get; init; } = new();

    /// <summary>Calibration of an objective's logit before it becomes a probability: p = sigmoid(scale x logit + shift). Objectives that are not named are taken as they are.</summary>
    public IReadOnlyDictionary<string, PlattScaling> Calibration { get; init; } = new Dictionary<string, PlattScaling>();

    /// <summary>Works that go on to re-ranking.</summary>
    public int Keep { get; init; } = 100;

    /// <summary>How many works are fine-ranked when the server is loaded; null always ranks all that pre-ranking keeps.</summary>
    public AdaptiveWidth? AdaptiveWidth { get; init; } = new();
}

/// <summary>Fusion of objectives: (1 - blend) x product + blend x sum, where product = (prod p_k ^ e_k) ^ (1 / sum e_k) and sum = sum w_k p_k / sum w_k, each in 0..1.</summary>
public sealed record FusionSettings
{
    /// <summary>Exponent of each objective in the product; those not named have 0.</summary>
    public IReadOnlyDictionary<string, double> Product { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>Weight of each objective in the sum; those not named have 0.</summary>
    public IReadOnlyDictionary<string, double> Sum { get; init; } = new Dictionary<string, double>();

    /// <summary>Share of the sum, 0..1.</summary>
    public double Blend { get; init; }
}

/// <summary>Platt's scaling of a logit.</summary>
/// <param name="Scale">Factor, above 0.</param>
/// <param name="Shift">Added after it.</param>
public sealed record PlattScaling(double Scale, double Shift);

/// <summary>Adaptive width: holds a percentile of the request's time at a target by ranking fewer works, and grows back (the quality factor of Twitter's recommender).</summary>
public sealed record AdaptiveWidth
{
    /// <summary>Time of a request that <see cref="Percentile"/> of requests should stay below, milliseconds.</summary>
    public double TargetMs { get; init; } = 80;

    /// <summary>The percentile that is held, 50..99.9.</summary>
    public double Percentile { get; init; } = 99;

    /// <summary>Smallest share of <see cref="PreRankSettings.Keep"/> that is fine-ranked, above 0, at most 1.</summary>
    public double Least { get; init; } = 0.3;
}
