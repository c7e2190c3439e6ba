using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Interfaces;

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
        BlockedTags = s.BlockedTags ?? [],
        BlockedSongs = s.BlockedSongs ?? [],
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
        BlockedTags = [.. u.BlockedTags],
        BlockedSongs = [.. u.BlockedSongs],
        JustPlayed = [.. u.JustPlayed.Select(w => new RecentItemSurrogate { Creator = w.Creator, Song = w.Song, Tags = w.Tags })],
    };

    private static WeightedInterest[] Interests(InterestSurrogate[] interests) => Array.ConvertAll(interests, i => new WeightedInterest(i.Id, i.Key, i.Weight));

    private static InterestSurrogate[] Interests(IReadOnlyList<WeightedInterest> interests) =>
        [.. interests.Select(i => new InterestSurrogate { Id = i.Id, Key = i.Key, Weight = i.Weight })];
}
