using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Scenes;

/// <summary>What counts as seen in a scene.</summary>
public sealed record SeenSettings
{
    /// <summary>Types of event that mark an item as seen.</summary>
    public IReadOnlyList<EventType> Types { get; init; } = [.. EventTypes.All.Where(t => t.Seen).Select(t => t.Type)];

    /// <summary>How long an item stays seen, in days.</summary>
    public double Days { get; init; } = 30;

    /// <summary>
    /// How many of the newest seen items count. Of a type other than impression, play, dislike and report a user's newest 2,500 items are known.
    /// </summary>
    public int Max { get; init; } = Users.SeenSet.Capacity;
}
