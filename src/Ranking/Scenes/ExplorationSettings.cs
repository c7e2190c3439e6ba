namespace KgOrleans.Ranking.Scenes;

/// <summary>Exploration: a share of requests draws its order by Plackett-Luce from the fused scores, and reports the probability of each draw.</summary>
public sealed record ExplorationSettings
{
    /// <summary>Share of requests that explore, 0..1.</summary>
    public double Share { get; init; }

    /// <summary>Temperature of the draw: 0.1 hardly changes an order, 1 draws in proportion to the scores.</summary>
    public double Temperature { get; init; } = 0.3;
}
