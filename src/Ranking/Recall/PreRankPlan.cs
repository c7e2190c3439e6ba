namespace KgOrleans.Ranking.Recall;

/// <summary>How a shard scores candidates for pre-ranking.</summary>
/// <param name="Ranker">What orders them; for <see cref="PreRanker.RecallScore"/> the coordinator scores.</param>
public sealed record PreRankPlan(PreRanker Ranker)
{
    /// <summary>The two towers without calibration.</summary>
    public static readonly PreRankPlan Towers = new(PreRanker.Towers);

    /// <summary>Added to the score of a work that is published now; 0 for none.</summary>
    public float Freshness { get; init; }

    /// <summary>Half-life of that, milliseconds.</summary>
    public double FreshnessHalfLifeMs { get; init; } = 1;

    /// <summary>Times (quality - 0.5); 0 for none.</summary>
    public float Quality { get; init; }

    /// <summary>Added by the key of the tone.</summary>
    public IReadOnlyList<(ulong Key, float Weight)> Tones { get; init; } = [];

    /// <summary>Added by the key of the creator.</summary>
    public IReadOnlyList<(ulong Key, float Weight)> Creators { get; init; } = [];

    /// <summary>Whether anything is added to the towers' score.</summary>
    public bool IsCalibrated => Freshness != 0 || Quality != 0 || Tones.Count > 0 || Creators.Count > 0;
}
