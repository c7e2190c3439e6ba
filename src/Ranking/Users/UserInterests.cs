namespace KgOrleans.Ranking.Users;

/// <summary>What a user says that they like.</summary>
public sealed record UserInterests
{
    /// <summary>Tag to weight, 0..1,000.</summary>
    public IReadOnlyDictionary<string, double>? Tags { get; init; }

    /// <summary>Songs liked.</summary>
    public IReadOnlyList<string>? SongIds { get; init; }

    /// <summary>Creators liked.</summary>
    public IReadOnlyList<string>? CreatorIds { get; init; }
}
