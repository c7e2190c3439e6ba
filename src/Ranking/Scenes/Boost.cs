using System.Text.Json;

namespace KgOrleans.Ranking.Scenes;

/// <summary>A factor of the fine score for a class of items.</summary>
public sealed record Boost
{
    /// <summary>Which items.</summary>
    public required JsonElement Filter { get; init; }

    /// <summary>Factor, 0..10.</summary>
    public required double Factor { get; init; }
}
