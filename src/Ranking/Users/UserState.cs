using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// All that is kept of a user: profile, learnt interests, the newest history, what was seen. Bounded in size; a plain serialisable object, so that grain storage writes it as JSON.
/// </summary>
public sealed class UserState
{
    /// <summary>The format that this code writes; <see cref="UserStateFormat"/> brings older ones up to it.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Format of the stored state.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>Counts every applied change; part of the key of cached user vectors.</summary>
    public long Version { get; set; }

    /// <summary>The profile as last written; null for a user known by events only.</summary>
    public UserDocument? Profile { get; set; }

    /// <summary>Creators followed through events, beside the profile's.</summary>
    public List<string> Followed { get; set; } = [];

    /// <summary>Newest events but impressions, oldest first, at most <see cref="UserStateUpdater.HistoryLength"/>.</summary>
    public List<HistoryEntry> History { get; set; } = [];

    /// <summary>Learnt interest in tags.</summary>
    public List<LearntInterest> Tags { get; set; } = [];

    /// <summary>Learnt interest in creators.</summary>
    public List<LearntInterest> Creators { get; set; } = [];

    /// <summary>Learnt interest in songs.</summary>
    public List<LearntInterest> Songs { get; set; } = [];

    /// <summary>What was seen, packed by <see cref="SeenSet"/>.</summary>
    public byte[] Seen { get; set; } = [];

    /// <summary>Position in the user's partition of the event log up to which events are in this state: an event above it has not been applied yet, whoever sends it.</summary>
    public long AppliedPosition { get; set; }

    /// <summary>How often the user was erased: events from before are another life's, so that one sent again afterwards is new.</summary>
    public int Erasures { get; set; }

    /// <summary>Counts writes of the profile: its ETag. Survives erasure, so that no version comes twice.</summary>
    public long ProfileVersion { get; set; }

    /// <summary>Slowly moving mean of the content vectors of liked items; empty before the first.</summary>
    public float[] ContentLong { get; set; } = [];

    /// <summary>Quickly moving mean of the content vectors of liked items; empty before the first.</summary>
    public float[] ContentShort { get; set; } = [];

    /// <summary>Events of each type so far, indexed by <see cref="EventType"/>.</summary>
    public long[] Counts { get; set; } = new long[EventTypes.All.Count];

    /// <summary>Time of the newest event, unix milliseconds; 0 before the first.</summary>
    public long LastEventAt { get; set; }

    /// <summary>Whether anything is known of the user.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsKnown => Profile is not null || LastEventAt > 0;
}
