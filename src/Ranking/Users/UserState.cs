using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// Everything that is stored about a user: profile, learnt interests, newest history and seen items. Bounded in size, and a plain serialisable object, so that
/// grain storage can write it as JSON.
/// </summary>
public sealed class UserState
{
    /// <summary>The format that this code writes; <see cref="UserStateFormat"/> migrates older ones.</summary>
    public const int CurrentFormat = 3;

    private byte[] _packedReactions = [];
    private ReactionSet? _reactions;

    /// <summary>Format of the stored state.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>Number of changes applied; part of the key of cached user vectors.</summary>
    public long Version { get; set; }

    /// <summary>The profile as last written; null for a user known by events only.</summary>
    public UserDocument? Profile { get; set; }

    /// <summary>Creators followed through events since the profile last named follows, beside the profile's. At most <see cref="Limits.UserLinks"/>.</summary>
    public List<string> Followed { get; set; } = [];

    /// <summary>Time of the event of each of <see cref="Followed"/>, unix milliseconds.</summary>
    public List<long> FollowedAt { get; set; } = [];

    /// <summary>Newest events other than impressions, oldest first by their own time, at most <see cref="UserStateUpdater.HistoryLength"/>.</summary>
    public List<HistoryEntry> History { get; set; } = [];

    /// <summary>Learnt interest in tags.</summary>
    public List<LearntInterest> Tags { get; set; } = [];

    /// <summary>Learnt interest in creators.</summary>
    public List<LearntInterest> Creators { get; set; } = [];

    /// <summary>Learnt interest in songs.</summary>
    public List<LearntInterest> Songs { get; set; } = [];

    /// <summary>Seen items, packed by <see cref="SeenSet"/>.</summary>
    public byte[] Seen { get; set; } = [];

    /// <summary>What can be taken back, and what counts already, packed.</summary>
    public byte[] Reactions
    {
        get => _reactions?.Pack() ?? _packedReactions;
        set => (_packedReactions, _reactions) = (value, null);
    }

    /// <summary>Position in the user's partition of the event log. Events up to it are in this state; later events are not.</summary>
    public long AppliedPosition { get; set; }

    /// <summary>The log that <see cref="AppliedPosition"/> is a position of; null before the first event.</summary>
    public Guid? LogId { get; set; }

    /// <summary>Newest events that came without id and time: what a repeat of them is told by.</summary>
    public List<ArrivedEvent> Arrivals { get; set; } = [];

    /// <summary>How often the user was erased. An event that is sent again after an erasure counts as new.</summary>
    public int Erasures { get; set; }

    /// <summary>When the user was erased last, unix milliseconds; 0 for never. Events dated before it are refused.</summary>
    public long ErasedAt { get; set; }

    /// <summary>
    /// Number of changes of the profile and of the follows in effect: the ETag. It survives erasure, so that no version occurs twice.
    /// </summary>
    public long ProfileVersion { get; set; }

    /// <summary>Slowly moving mean of the content vectors of liked items; empty before the first.</summary>
    public float[] ContentLong { get; set; } = [];

    /// <summary>Quickly moving mean of the content vectors of liked items; empty before the first.</summary>
    public float[] ContentShort { get; set; } = [];

    /// <summary>Events of each type so far, indexed by <see cref="EventType"/>. Types that are newer than the state may have no place yet.</summary>
    public long[] Counts { get; set; } = new long[EventTypes.Table.Count];

    /// <summary>Time of the newest event, unix milliseconds; 0 before the first.</summary>
    public long LastEventAt { get; set; }

    /// <summary>Why the stored state cannot be read, when this one stands for it; null otherwise. Never stored.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? Unreadable { get; set; }

    /// <summary>Whether anything is known about the user.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsKnown => Profile is not null || LastEventAt > 0;

    /// <summary><see cref="Reactions"/>, open. Throws <see cref="FormatException"/> when the stored bytes do not fit.</summary>
    internal ReactionSet OpenReactions => _reactions ??= ReactionSet.Unpack(_packedReactions);

    /// <summary>Changes the count of a type, which does not fall below 0.</summary>
    internal void Count(EventType type, int change)
    {
        if (Counts.Length <= (int)type)
            Counts = [.. Counts, .. new long[(int)type + 1 - Counts.Length]];
        Counts[(int)type] = Math.Max(0, Counts[(int)type] + change);
    }

    /// <summary>Whether the user dislikes an item or has reported it.</summary>
    internal bool IsRemoved(ulong itemKey)
    {
        foreach (var type in EventTypes.Removing)
        {
            if (OpenReactions.Of(itemKey, type).IsOn)
                return true;
        }
        return false;
    }

    /// <summary>Creators followed, by the profile and by events since.</summary>
    public IEnumerable<string> FollowsInEffect() => (Profile?.Follows ?? []).Concat(Followed).Distinct();

    /// <summary>
    /// The newest events by which the user showed that they like an item, newest first, without items that they dislike, have reported or have blocked.
    /// </summary>
    public IEnumerable<HistoryEntry> Liked()
    {
        var blocked = Profile?.BlockedItemIds.ToHashSet() ?? [];
        return History.AsEnumerable().Reverse()
            .Where(h => EventTypes.IsPositive(h.Type, h.Value) && !blocked.Contains(h.ItemId) && !IsRemoved(Key64.Of(h.ItemId)));
    }

    /// <summary>Ends the following of a creator, whichever way it came about.</summary>
    internal void RemoveFollow(string creatorId)
    {
        if (!FollowsInEffect().Contains(creatorId))
            return;
        if (Followed.IndexOf(creatorId) is var i and >= 0)
        {
            Followed.RemoveAt(i);
            FollowedAt.RemoveAt(i);
        }
        if (Profile is not null)
            Profile = Profile with { Follows = [.. Profile.Follows.Where(f => f != creatorId)] };
        ProfileVersion++;
    }
}
