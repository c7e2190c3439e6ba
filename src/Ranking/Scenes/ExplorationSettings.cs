namespace KgOrleans.Ranking.Scenes;

/// <summary>Exploration: Plackett-Luce noise on the fused scores of a share of requests, with the probability of what was shown.</summary>
public sealed record ExplorationSettings
{
    /// <summary>Share of requests that explore, 0..1.</summary>
    public double Share { get; init; }

    /// <summary>Temperature on the logarithm of the fused score: 0.1 hardly changes an order, 1 draws in proportion to the scores.</summary>
    public double Temperature { get; init; } = 0.3;
}
