namespace KgOrleans.Ranking.Items;

/// <summary>A catalogue item as callers write it and as the shard's log keeps it.</summary>
public sealed record ItemDocument
{
    /// <summary>Id, unique among items of all kinds: 1..128 characters of <c>[A-Za-z0-9_.:-]</c>.</summary>
    public string ItemId { get; init; } = "";

    /// <summary>
    /// Who made the item. The user with this id never gets it recommended. Of kind user the item's own id counts as well: blocks and follows of either id are
    /// about the person.
    /// </summary>
    public string CreatorId { get; init; } = "";

    /// <summary>The song that is sung; null when there is none.</summary>
    public string? SongId { get; init; }

    /// <summary>Kind of item.</summary>
    public ItemKind Kind { get; init; }

    /// <summary>Display title, at most 500 characters.</summary>
    public string? Title { get; init; }

    /// <summary>Tags, free to choose, in the form of ids.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Communities (家族, groups) that the item was published in.</summary>
    public IReadOnlyList<string> CommunityIds { get; init; } = [];

    /// <summary>Region code.</summary>
    public string? Region { get; init; }

    /// <summary>Language code.</summary>
    public string? Language { get; init; }

    /// <summary>Tone class (心情, style), in the form of an id.</summary>
    public string? Tone { get; init; }

    /// <summary>Length in seconds, 0..86,400.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>
    /// When the item was published, in the years 1900 to 9999. Without it the item never ages; an item with a future time is served from that time on.
    /// </summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>When the item stops being served, in the years 1900 to 9999 and not before it is published.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Editorial or model quality, 0..1.</summary>
    public double? Quality { get; init; }

    /// <summary>Named numeric features for models and filters, at most 64. A filter names one as <c>features.NAME</c>.</summary>
    public IReadOnlyDictionary<string, double>? Features { get; init; }

    /// <summary>Named content vectors, at most 4 of at most 1,024 components.</summary>
    public IReadOnlyDictionary<string, float[]>? Vectors { get; init; }

    /// <summary>Whether the item is kept but never served.</summary>
    public bool? Hidden { get; init; }

    /// <summary>
    /// Catalogue that the item belongs to when a cluster holds several; absent means the cluster's own. Users see items of their own world only, and a model
    /// serves only the world that it was trained for.
    /// </summary>
    public string? WorldId { get; init; }
}
