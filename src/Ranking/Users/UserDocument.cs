using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Users;

/// <summary>A user's profile as callers write it.</summary>
public sealed record UserDocument
{
    /// <summary>Id: 1..128 characters of <c>[A-Za-z0-9_.:-]</c>.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Region code.</summary>
    public string? Region { get; init; }

    /// <summary>Language code.</summary>
    public string? Language { get; init; }

    /// <summary>Stated interests.</summary>
    public UserInterests? Interests { get; init; }

    /// <summary>
    /// Creators followed, as the document names them; null when it does not. A write that names them replaces all follows, those learnt from events included.
    /// </summary>
    [JsonPropertyName("follows")]
    public IReadOnlyList<string>? NamedFollows { get; init; }

    /// <summary>Creators followed; none when the document does not name them.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Follows
    {
        get => NamedFollows ?? [];
        init => NamedFollows = value;
    }

    /// <summary>Friends (user ids).</summary>
    public IReadOnlyList<string> Friends { get; init; } = [];

    /// <summary>Communities joined.</summary>
    public IReadOnlyList<string> CommunityIds { get; init; } = [];

    /// <summary>Creators whose items are never shown.</summary>
    public IReadOnlyList<string> BlockedCreatorIds { get; init; } = [];

    /// <summary>Items that are never shown.</summary>
    public IReadOnlyList<string> BlockedItemIds { get; init; } = [];

    /// <summary>Tags whose items are never shown.</summary>
    public IReadOnlyList<string> BlockedTags { get; init; } = [];

    /// <summary>Songs whose items are never shown.</summary>
    public IReadOnlyList<string> BlockedSongIds { get; init; } = [];

    /// <summary>Named numeric features, at most 64.</summary>
    public IReadOnlyDictionary<string, double>? Features { get; init; }

    /// <summary>Catalogue that the user belongs to when a cluster holds several; absent means the cluster's own.</summary>
    public string? WorldId { get; init; }
}
