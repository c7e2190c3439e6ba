using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Scenes;

/// <summary>What one member of a scene document may hold. Only the limits that apply to its type are set.</summary>
public sealed record MemberLimit
{
    /// <summary>Least number: of the member itself, or of each value of named numbers.</summary>
    public double Min { get; init; }

    /// <summary>Largest number.</summary>
    public double Max { get; init; }

    /// <summary>Least entries of a list.</summary>
    public int MinCount { get; init; }

    /// <summary>Most entries of a list or of named values; most characters of a text.</summary>
    public int MaxCount { get; init; }

    /// <summary>Whether a text, or every text of a list, is an id (<see cref="Limits.IsId"/>).</summary>
    public bool IsId { get; init; }

    /// <summary>Texts that are allowed, or entries of a list of texts; empty when the member is no such choice.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}
