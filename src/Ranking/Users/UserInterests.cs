namespace KgOrleans.Ranking.Users;

/// <summary>Interests that a user states.</summary>
public sealed record UserInterests
{
    /// <summary>Weight of each tag, 0..1,000.</summary>
    public IReadOnlyDictionary<string, double>? Tags { get; init; }

    /// <summary>Songs liked.</summary>
    public IReadOnlyList<string>? SongIds { get; init; }

    /// <summary>Creators liked.</summary>
    public IReadOnlyList<string>? CreatorIds { get; init; }
}
