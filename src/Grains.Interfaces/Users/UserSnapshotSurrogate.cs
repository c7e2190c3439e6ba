using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Interfaces;

/// <summary><see cref="UserSnapshot"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("kg.UserSnapshotSurrogate")]
public struct UserSnapshotSurrogate
{
    [Id(0)] internal string UserId;
    [Id(1)] internal bool IsKnown;
    [Id(2)] internal long StateVersion;
    [Id(3)] internal string? WorldId;
    [Id(4)] internal ulong Region;
    [Id(5)] internal ulong Language;
    [Id(6)] internal InterestSurrogate[] Tags;
    [Id(7)] internal InterestSurrogate[] Creators;
    [Id(8)] internal InterestSurrogate[] Songs;
    [Id(9)] internal ulong[] Follows;
    [Id(10)] internal ulong[] Communities;
    [Id(11)] internal ulong[] Blocked;
    [Id(12)] internal ulong[] RecentCreators;
    [Id(13)] internal ulong[] RecentSongs;
    [Id(14)] internal float[] ContentLong;
    [Id(15)] internal float[] ContentShort;
    [Id(16)] internal long[] Counts;
    [Id(17)] internal Dictionary<string, double> Features;
    [Id(18)] internal ulong[] Friends;
    [Id(19)] internal RecentWorkSurrogate[] JustPlayed;
}

/// <summary><see cref="RecentItem"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("kg.RecentWorkSurrogate")]
public struct RecentWorkSurrogate
{
    [Id(0)] internal ulong Creator;
    [Id(1)] internal ulong Song;
    [Id(2)] internal ulong[] Tags;
}

/// <summary><see cref="WeightedInterest"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("kg.InterestSurrogate")]
public struct InterestSurrogate
{
    [Id(0)] internal string Id;
    [Id(1)] internal ulong Key;
    [Id(2)] internal float Weight;
}

/// <summary>Converts <see cref="UserSnapshot"/> to and from its wire form.</summary>
[RegisterConverter]
public sealed class UserSnapshotConverter : IConverter<UserSnapshot, UserSnapshotSurrogate>
{
    /// <inheritdoc />
    public UserSnapshot ConvertFromSurrogate(in UserSnapshotSurrogate s) => new()
    {
        UserId = s.UserId,
        IsKnown = s.IsKnown,
        StateVersion = s.StateVersion,
        WorldId = s.WorldId,
        Region = s.Region,
        Language = s.Language,
        Tags = Interests(s.Tags),
        Creators = Interests(s.Creators),
        Songs = Interests(s.Songs),
        Follows = s.Follows,
        Communities = s.Communities,
        Blocked = s.Blocked,
        RecentCreators = s.RecentCreators,
        RecentSongs = s.RecentSongs,
        ContentLong = s.ContentLong,
        ContentShort = s.ContentShort,
        Counts = s.Counts,
        Features = s.Features,
        Friends = s.Friends,
        JustPlayed = Array.ConvertAll(s.JustPlayed, w => new RecentItem(w.Creator, w.Song, w.Tags)),
    };

    /// <inheritdoc />
    public UserSnapshotSurrogate ConvertToSurrogate(in UserSnapshot u) => new()
    {
        UserId = u.UserId,
        IsKnown = u.IsKnown,
        StateVersion = u.StateVersion,
        WorldId = u.WorldId,
        Region = u.Region,
        Language = u.Language,
        Tags = Interests(u.Tags),
        Creators = Interests(u.Creators),
        Songs = Interests(u.Songs),
        Follows = [.. u.Follows],
        Communities = [.. u.Communities],
        Blocked = [.. u.Blocked],
        RecentCreators = [.. u.RecentCreators],
        RecentSongs = [.. u.RecentSongs],
        ContentLong = u.ContentLong,
        ContentShort = u.ContentShort,
        Counts = [.. u.Counts],
        Features = new Dictionary<string, double>(u.Features),
        Friends = [.. u.Friends],
        JustPlayed = [.. u.JustPlayed.Select(w => new RecentWorkSurrogate { Creator = w.Creator, Song = w.Song, Tags = w.Tags })],
    };

    private static WeightedInterest[] Interests(InterestSurrogate[] interests) => Array.ConvertAll(interests, i => new WeightedInterest(i.Id, i.Key, i.Weight));

    private static InterestSurrogate[] Interests(IReadOnlyList<WeightedInterest> interests) =>
        [.. interests.Select(i => new InterestSurrogate { Id = i.Id, Key = i.Key, Weight = i.Weight })];
}
