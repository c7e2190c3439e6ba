namespace KgOrleans.Ranking.Scenes;

/// <summary>Adaptive width: holds a percentile of the request's time at a target by ranking fewer items, and grows back (the quality factor of Twitter's recommender).</summary>
public sealed record AdaptiveWidth
{
    /// <summary>Time of a request that <see cref="Percentile"/> of requests should stay below, milliseconds.</summary>
    public double TargetMs { get; init; } = 80;

    /// <summary>The percentile that is held, 50..99.9.</summary>
    public double Percentile { get; init; } = 99;

    /// <summary>Smallest share of <see cref="PreRankSettings.Keep"/> that is fine-ranked, above 0, at most 1.</summary>
    public double Least { get; init; } = 0.3;
}
