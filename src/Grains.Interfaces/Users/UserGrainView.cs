namespace KgOrleans.Grains.Interfaces;

/// <summary>A user grain as the Dashboard shows it.</summary>
[GenerateSerializer, Alias("kg.UserGrainView")]
public sealed record UserGrainView
{
    /// <summary>User id.</summary>
    [Id(0)] public string UserId { get; init; } = "";

    /// <summary>Whether anything is known.</summary>
    [Id(1)] public bool Known { get; init; }

    /// <summary>Version of the state.</summary>
    [Id(2)] public long Version { get; init; }

    /// <summary>World of the user.</summary>
    [Id(3)] public string World { get; init; } = "";

    /// <summary>Region.</summary>
    [Id(4)] public string Region { get; init; } = "";

    /// <summary>Creators followed.</summary>
    [Id(5)] public int Follows { get; init; }

    /// <summary>Items met.</summary>
    [Id(6)] public int Seen { get; init; }

    /// <summary>Events so far by type.</summary>
    [Id(7)] public Dictionary<string, long> Events { get; init; } = [];

    /// <summary>Strongest interests now.</summary>
    [Id(8)] public List<string> TopTags { get; init; } = [];

    /// <summary>Newest events, newest first.</summary>
    [Id(9)] public List<string> RecentHistory { get; init; } = [];

    /// <summary>Time of the newest event, ISO 8601.</summary>
    [Id(10)] public string LastEvent { get; init; } = "";

    /// <summary>Embedding space of the cached vector.</summary>
    [Id(11)] public string VectorSpace { get; init; } = "";

    /// <summary>First components of the cached vector's first objective.</summary>
    [Id(12)] public string VectorPreview { get; init; } = "";

    /// <summary>Times that the cached vector was used and computed.</summary>
    [Id(13)] public string VectorCache { get; init; } = "";

    /// <summary>Writes waiting to be durable.</summary>
    [Id(14)] public int PendingWrites { get; init; }

    /// <summary>Times that this activation wrote its state.</summary>
    [Id(15)] public long StateWrites { get; init; }
}
