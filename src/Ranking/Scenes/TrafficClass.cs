using System.Text.Json;

namespace KgOrleans.Ranking.Scenes;

/// <summary>A class of content and its traffic weight.</summary>
public sealed record TrafficClass
{
    /// <summary>Which works.</summary>
    public required JsonElement Filter { get; init; }

    /// <summary>Weight, 0..10; 1 changes nothing.</summary>
    public required double Weight { get; init; }
}
