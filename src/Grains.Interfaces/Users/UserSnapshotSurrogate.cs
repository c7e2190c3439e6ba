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
    [Id(19)] internal RecentItemSurrogate[] JustPlayed;
    [Id(20)] internal ulong[]? BlockedTags;
    [Id(21)] internal ulong[]? BlockedSongs;
}
