using System.Text.Json;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>
/// At least <c>min</c> items among each <c>in</c> positions of a page (0..In-1, In..2 In-1, ...), when there are candidates: matching
/// <c>filter</c>, or found by <c>channel</c>.
/// </summary>
public sealed record ShareRule
{
    /// <summary>Which items count; null when the rule has a channel.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>Recall channel whose items count; null when the rule has a filter.</summary>
    public RecallChannel? Channel { get; init; }

    /// <summary>Least items in a block.</summary>
    public required int Min { get; init; }

    /// <summary>Positions of a block.</summary>
    public required int In { get; init; }
}
