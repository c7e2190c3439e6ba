using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference.Features;

/// <summary>
/// A user snapshot laid out for features: keys and weights in flat arrays, so that cross features search spans. It is reused for many requests, by one thread
/// at a time.
/// </summary>
public sealed class UserView
{
    private readonly ulong[] _tagKeys = new ulong[UserSnapshot.InterestCount];
    private readonly ulong[] _creatorKeys = new ulong[UserSnapshot.InterestCount];
    private readonly ulong[] _songKeys = new ulong[UserSnapshot.InterestCount];
    private readonly float[] _tagWeights = new float[UserSnapshot.InterestCount];
    private readonly float[] _creatorWeights = new float[UserSnapshot.InterestCount];
    private readonly float[] _songWeights = new float[UserSnapshot.InterestCount];
    private readonly ulong[] _recentCreators = new ulong[UserSnapshot.RecentCount];
    private readonly ulong[] _recentSongs = new ulong[UserSnapshot.RecentCount];
    private ulong[] _follows = [];
    private ulong[] _communities = [];
    private int _tags;
    private int _creators;
    private int _songs;
    private int _recentCreatorCount;
    private int _recentSongCount;
    private int _followCount;
    private int _communityCount;

    /// <summary>The view of no user, for features of items alone.</summary>
    public static UserView Nobody { get; } = Of(UserSnapshot.Unknown("nobody"));

    /// <summary>The user of the view.</summary>
    public UserSnapshot Snapshot { get; private set; } = UserSnapshot.Unknown("nobody");

    /// <summary>Keys of the strongest tags, strongest first.</summary>
    public ReadOnlySpan<ulong> TagKeys => _tagKeys.AsSpan(0, _tags);

    /// <summary>Weights beside <see cref="TagKeys"/>.</summary>
    public ReadOnlySpan<float> TagWeights => _tagWeights.AsSpan(0, _tags);

    /// <summary>Keys of the strongest creators, strongest first.</summary>
    public ReadOnlySpan<ulong> CreatorKeys => _creatorKeys.AsSpan(0, _creators);

    /// <summary>Weights beside <see cref="CreatorKeys"/>.</summary>
    public ReadOnlySpan<float> CreatorWeights => _creatorWeights.AsSpan(0, _creators);

    /// <summary>Keys of the strongest songs, strongest first.</summary>
    public ReadOnlySpan<ulong> SongKeys => _songKeys.AsSpan(0, _songs);

    /// <summary>Weights beside <see cref="SongKeys"/>.</summary>
    public ReadOnlySpan<float> SongWeights => _songWeights.AsSpan(0, _songs);

    /// <summary>Creators of the newest liked items.</summary>
    public ReadOnlySpan<ulong> RecentCreators => _recentCreators.AsSpan(0, _recentCreatorCount);

    /// <summary>Songs of the newest liked items.</summary>
    public ReadOnlySpan<ulong> RecentSongs => _recentSongs.AsSpan(0, _recentSongCount);

    /// <summary>Creators followed.</summary>
    public ReadOnlySpan<ulong> Follows => _follows.AsSpan(0, _followCount);

    /// <summary>Communities joined.</summary>
    public ReadOnlySpan<ulong> Communities => _communities.AsSpan(0, _communityCount);

    /// <summary>A new view of a snapshot.</summary>
    public static UserView Of(UserSnapshot user)
    {
        var view = new UserView();
        view.Set(user);
        return view;
    }

    /// <summary>Sets the view to another user. Allocates only when the user has more follows or communities than any user before.</summary>
    public void Set(UserSnapshot user)
    {
        Snapshot = user;
        _tags = Copy(user.Tags, _tagKeys, _tagWeights);
        _creators = Copy(user.Creators, _creatorKeys, _creatorWeights);
        _songs = Copy(user.Songs, _songKeys, _songWeights);
        _recentCreatorCount = Copy(user.RecentCreators, _recentCreators);
        _recentSongCount = Copy(user.RecentSongs, _recentSongs);
        _followCount = CopyAll(user.Follows, ref _follows);
        _communityCount = CopyAll(user.Communities, ref _communities);
    }

    private static int Copy(IReadOnlyList<WeightedInterest> interests, ulong[] keys, float[] weights)
    {
        var count = Math.Min(interests.Count, keys.Length);
        for (var i = 0; i < count; i++)
        {
            var interest = interests[i];
            keys[i] = interest.Key;
            weights[i] = interest.Weight;
        }
        return count;
    }

    private static int CopyAll(IReadOnlyList<ulong> source, ref ulong[] destination)
    {
        if (destination.Length < source.Count)
            destination = new ulong[Math.Max(64, source.Count)];
        return Copy(source, destination);
    }

    private static int Copy(IReadOnlyList<ulong> source, ulong[] destination)
    {
        var count = Math.Min(source.Count, destination.Length);
        for (var i = 0; i < count; i++)
            destination[i] = source[i];
        return count;
    }
}
