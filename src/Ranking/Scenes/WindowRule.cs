using System.Text.Json;

namespace KgOrleans.Ranking.Scenes;

/// <summary>
/// At most <c>max</c> items among any <c>in</c> in a row: with the same value of <c>field</c>, or matching <c>filter</c>.
/// </summary>
public sealed record WindowRule
{
    /// <summary>Field whose equal values count; null when the rule has a filter.</summary>
    public string? Field { get; init; }

    /// <summary>Which items count; null when the rule has a field.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>Most items in a window.</summary>
    public required int Max { get; init; }

    /// <summary>Length of the window.</summary>
    public required int In { get; init; }
}
