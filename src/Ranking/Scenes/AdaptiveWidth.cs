namespace KgOrleans.Ranking.Scenes;

/// <summary>Holds a percentile of the request time at a target by fine-ranking fewer items under load (the quality factor of Twitter's recommender).</summary>
public sealed record AdaptiveWidth
{
    /// <summary>Target for the time of a request, in milliseconds.</summary>
    public double TargetMs { get; init; } = 80;

    /// <summary>Percentile of request times that is held at the target.</summary>
    public double Percentile { get; init; } = 99;

    /// <summary>Smallest share of <c>preRank.keep</c> that is fine-ranked.</summary>
    public double Least { get; init; } = 0.3;
}
