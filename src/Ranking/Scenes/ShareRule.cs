using System.Text.Json;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>
/// At least <see cref="Min"/> items among each <see cref="In"/> positions of a page (0..In-1, In..2 In-1, ...), when there are candidates: matching
/// <see cref="Filter"/>, or found by <see cref="Channel"/>.
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
