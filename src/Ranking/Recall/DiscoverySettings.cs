using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Recall;

/// <summary>Content discovery: which items a scene draws from.</summary>
public sealed record DiscoverySettings
{
    /// <summary>
    /// Oldest item that is still recommended, in days since publishing; the article's three months. Items without a publishing time never age.
    /// </summary>
    public double AgeWindowDays { get; init; } = 92;

    /// <summary>Kinds that are admitted; null for all.</summary>
    public IReadOnlyList<ItemKind>? Kinds { get; init; }

    /// <summary>Least quality, 0..1; items of unknown quality are admitted. 0 admits all.</summary>
    public double MinQuality { get; init; }

    /// <summary>Predicate that every item must match; null for none.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>Most items of one creator among those that pre-ranking compares, best first; 0 for no cap.</summary>
    public int CreatorCap { get; init; }

    /// <summary>Whether items of creators that the user follows are left out, and persons (kind user) who are followed by the item's own id.</summary>
    public bool ExcludeFollowed { get; init; }

    /// <summary>
    /// Types of event: items that the user has met by one of them are left out, however long ago. The newest 20,000 items count for impressions, plays,
    /// dislikes and reports, the newest 2,500 for any other type. Disliked and reported items are left out in any case.
    /// </summary>
    public IReadOnlyList<EventType> ExcludeInteracted { get; init; } = [];

    /// <summary>Exposure that new items are owed; null for none.</summary>
    public ColdStartSettings? ColdStart { get; init; }
}
