using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// A user as one request sees them: immutable, with keys and weights computed. It is the only view of a user that recall, features and models have; serving and
/// replay build it with the same code.
/// </summary>
public sealed class UserSnapshot
{
    /// <summary>Most interests of each sort.</summary>
    public const int InterestCount = 32;

    /// <summary>Most entries of the recent lists.</summary>
    public const int RecentCount = 16;

    /// <summary>Most entries of <see cref="JustPlayed"/>.</summary>
    public const int JustPlayedCount = 3;

    /// <summary>The id.</summary>
    public required string UserId { get; init; }

    /// <summary>Whether anything is known about the user; if not, the page is a cold-start page.</summary>
    public bool IsKnown { get; init; }

    /// <summary>Version of the state that this was made from.</summary>
    public long StateVersion { get; init; }

    /// <summary>Catalogue of the user; null means the cluster's own.</summary>
    public string? WorldId { get; init; }

    /// <summary>Key of the region, 0 if unknown.</summary>
    public ulong Region { get; init; }

    /// <summary>Key of the language, 0 if unknown.</summary>
    public ulong Language { get; init; }

    /// <summary>Strongest tags, stated and learnt, weight descending then id.</summary>
    public IReadOnlyList<WeightedInterest> Tags { get; init; } = [];

    /// <summary>Strongest creators, stated, learnt and followed.</summary>
    public IReadOnlyList<WeightedInterest> Creators { get; init; } = [];

    /// <summary>Strongest songs, stated and learnt.</summary>
    public IReadOnlyList<WeightedInterest> Songs { get; init; } = [];

    /// <summary>Keys of creators followed, in the profile or by events since.</summary>
    public IReadOnlyList<ulong> Follows { get; init; } = [];

    /// <summary>Keys of friends, in the order of the profile.</summary>
    public IReadOnlyList<ulong> Friends { get; init; } = [];

    /// <summary>The newest items that the user liked, newest first: what the continue channel starts from.</summary>
    public IReadOnlyList<RecentItem> JustPlayed { get; init; } = [];

    /// <summary>
    /// The newest items that the user liked, newest first, each once, without those that they dislike, have reported or have blocked: what fitted factors fold
    /// in. It stays where the snapshot is made, and does not cross the wire.
    /// </summary>
    public IReadOnlyList<HistoryEntry> LikedHistory { get; init; } = [];

    /// <summary>Keys of the communities joined.</summary>
    public IReadOnlyList<ulong> Communities { get; init; } = [];

    /// <summary>Keys of creators whose items are never shown; the user's own key is among them.</summary>
    public IReadOnlyList<ulong> Blocked { get; init; } = [];

    /// <summary>Keys of tags whose items are never shown.</summary>
    public IReadOnlyList<ulong> BlockedTags { get; init; } = [];

    /// <summary>Keys of songs whose items are never shown.</summary>
    public IReadOnlyList<ulong> BlockedSongs { get; init; } = [];

    /// <summary>Keys of the creators of the newest liked items, newest first, with repeats.</summary>
    public IReadOnlyList<ulong> RecentCreators { get; init; } = [];

    /// <summary>Keys of the songs of the newest liked items, newest first, with repeats.</summary>
    public IReadOnlyList<ulong> RecentSongs { get; init; } = [];

    /// <summary>Slowly moving mean of liked content; empty if none.</summary>
    public float[] ContentLong { get; init; } = [];

    /// <summary>Quickly moving mean of liked content; empty if none.</summary>
    public float[] ContentShort { get; init; } = [];

    /// <summary>Events of each type so far, indexed by <see cref="EventType"/>.</summary>
    public IReadOnlyList<long> Counts { get; init; } = [];

    /// <summary>The profile's named numeric features.</summary>
    public IReadOnlyDictionary<string, double> Features { get; init; } = new Dictionary<string, double>();

    /// <summary>A user about whom nothing is known.</summary>
    public static UserSnapshot Unknown(string userId) => new() { UserId = userId, Blocked = [Key64.Of(userId)], Counts = new long[EventTypes.Table.Count] };

    /// <summary>Makes the view of a state at a time (unix milliseconds).</summary>
    public static UserSnapshot Create(string userId, UserState state, long now)
    {
        var profile = state.Profile;
        var stated = profile?.Interests;
        var follows = state.FollowsInEffect().ToArray();
        var creators = new Dictionary<string, float>();
        foreach (var id in follows.Concat(stated?.CreatorIds ?? []))
            creators[id] = 1;
        var songs = (stated?.SongIds ?? []).Distinct().ToDictionary(id => id, _ => 1f);
        var raised = LearntInterests.Raised(state, now);
        var liked = state.Liked().Take(RecentCount).ToArray();
        return new UserSnapshot
        {
            UserId = userId,
            IsKnown = state.IsKnown,
            StateVersion = state.Version,
            WorldId = profile?.WorldId,
            Region = Key64.OfOptional(profile?.Region),
            Language = Key64.OfOptional(profile?.Language),
            Tags = Strongest((stated?.Tags ?? new Dictionary<string, double>()).ToDictionary(t => t.Key, t => (float)t.Value), state.Tags,
                profile?.BlockedTags, now, raised),
            Creators = Strongest(creators, state.Creators, profile?.BlockedCreatorIds, now, raised),
            Songs = Strongest(songs, state.Songs, profile?.BlockedSongIds, now, raised),
            Follows = Key64.OfAll(follows),
            Friends = Key64.OfAll(profile?.Friends ?? []),
            JustPlayed = [.. liked.DistinctBy(h => h.ItemId).Take(JustPlayedCount).Select(Recent)],
            LikedHistory = [.. state.Liked().DistinctBy(h => h.ItemId)],
            Communities = Key64.OfAll(profile?.CommunityIds ?? []),
            Blocked = Key64.OfAll([.. profile?.BlockedCreatorIds ?? [], userId]),
            BlockedTags = Key64.OfAll(profile?.BlockedTags ?? []),
            BlockedSongs = Key64.OfAll(profile?.BlockedSongIds ?? []),
            RecentCreators = Key64.OfAll([.. liked.Select(h => h.CreatorId)]),
            RecentSongs = Key64.OfAll([.. liked.Where(h => h.SongId is not null).Select(h => h.SongId!)]),
            ContentLong = state.ContentLong,
            ContentShort = state.ContentShort,
            Counts = (long[])state.Counts.Clone(),
            Features = profile?.Features ?? new Dictionary<string, double>(),
        };
    }

    private static RecentItem Recent(HistoryEntry entry) => new(Key64.Of(entry.CreatorId), Key64.OfOptional(entry.SongId), Key64.OfAll(entry.Tags));

    private static WeightedInterest[] Strongest(
        Dictionary<string, float> stated, List<LearntInterest> learnt, IReadOnlyList<string>? blocked, long now, double raised)
    {
        foreach (var interest in learnt)
        {
            stated.TryGetValue(interest.Id, out var weight);
            stated[interest.Id] = weight + LearntInterests.WeightAt(interest, now, raised);
        }
        // What is never shown would only take a place from what can be.
        foreach (var id in blocked ?? [])
            stated.Remove(id);
        return [.. stated.Where(i => i.Value > 0)
            .OrderByDescending(i => i.Value).ThenBy(i => i.Key, StringComparer.Ordinal)
            .Take(InterestCount)
            .Select(i => new WeightedInterest(i.Key, Key64.Of(i.Key), i.Value))];
    }
}
