using System.Text.Json;

namespace KgOrleans.Ranking.Scenes;

/// <summary>A class of content with its traffic weight, its share of what is served, or both.</summary>
public sealed record TrafficClass
{
    /// <summary>Which items.</summary>
    public required JsonElement Filter { get; init; }

    /// <summary>
    /// Weight in both diversity steps, 0..10; 1 changes nothing and 0 excludes the class. A heavier class is served more, but not in proportion: only a share
    /// promises a figure.
    /// </summary>
    public double? Weight { get; init; }

    /// <summary>Share of the served positions that the class is held to.</summary>
    public TrafficShare? Share { get; init; }
}
