using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Interfaces;

/// <summary>What a request asks of a user grain.</summary>
/// <param name="Now">Time of the request, unix milliseconds.</param>
/// <param name="SeenTypesMask">Types of event that count as seen (<see cref="SeenRule.TypesMask"/>).</param>
/// <param name="SeenHorizonMs">How long an item stays seen.</param>
/// <param name="SeenMax">Newest items that count.</param>
/// <param name="SpaceId">Embedding space that the vector must be of; null when none is wanted.</param>
/// <param name="SessionLength">Newest items of the running session that are wanted.</param>
/// <param name="FriendLikesMs">Milliseconds that the user's friends have to answer what they liked; 0 when friends are not asked.</param>
/// <param name="InteractedMask">Types of event whose items are left out however long ago they were, a bit each.</param>
/// <param name="SimilarMs">Milliseconds that shards have to tell the neighbours of what the user likes; 0 when they are not wanted.</param>
[GenerateSerializer, Immutable, Alias("kg.UserQuery")]
public sealed record UserQuery(
    [property: Id(0)] long Now, [property: Id(1)] int SeenTypesMask, [property: Id(2)] long SeenHorizonMs, [property: Id(3)] int SeenMax,
    [property: Id(4)] string? SpaceId,
    [property: Id(5)] int SessionLength = 0, [property: Id(6)] int FriendLikesMs = 0,
    [property: Id(7)] int InteractedMask = 0, [property: Id(8)] int SimilarMs = 0)
{
    /// <summary>A query for a scene.</summary>
    public static UserQuery For(EffectiveScene scene, long now, string? spaceId) =>
        new(now, scene.Seen.TypesMask, (long)scene.Seen.Horizon.TotalMilliseconds, scene.Seen.Max, spaceId, Math.Max(0, scene.LookBack),
            scene.Document.Recall.Social.Quota > 0 ? scene.Document.Recall.Social.TimeoutMs : 0, scene.InteractedMask,
            scene.Document.Recall.Similar.Quota > 0 ? scene.Document.Recall.Similar.TimeoutMs : 0);

    /// <summary>The seen rule.</summary>
    public SeenRule Seen => new(SeenTypesMask, TimeSpan.FromMilliseconds(SeenHorizonMs), SeenMax);
}

/// <summary>The user as a request sees them.</summary>
/// <param name="Snapshot">Profile and interests.</param>
/// <param name="SeenKeys">Keys of items that must not come back, seen, interacted with, disliked, reported or blocked, 8 bytes each.</param>
/// <param name="Heads">User vector per objective, float32, objectives x dimension; empty when there is none in the space asked for.</param>
/// <param name="SpaceId">Space of the vector; null when there is none.</param>
/// <param name="TowerFailed">Whether the vector is missing because the user tower failed.</param>
[GenerateSerializer, Immutable, Alias("kg.UserReply")]
public sealed record UserReply(
    [property: Id(0)] UserSnapshot Snapshot, [property: Id(1)] byte[] SeenKeys, [property: Id(2)] byte[] Heads, [property: Id(3)] string? SpaceId,
    [property: Id(4)] bool TowerFailed)
{
    /// <summary>Keys of the newest items that the running session showed, oldest first, 8 bytes each. Rules and diversity take them into account.</summary>
    [Id(5)] public byte[] SessionKeys { get; init; } = [];

    /// <summary>Items that friends liked, most liked first: <see cref="RecallInterest"/> records of field item.</summary>
    [Id(6)] public byte[] FriendLikes { get; init; } = [];

    /// <summary>Friends that did not answer in time.</summary>
    [Id(7)] public int FriendsLate { get; init; }

    /// <summary>User vector of the recall head, float32; empty when the space asked for has none, or the head failed.</summary>
    [Id(8)] public byte[] RecallVector { get; init; } = [];

    /// <summary>Items that those like who like the same as the user, heaviest first: <see cref="SimilarItem"/> records.</summary>
    [Id(9)] public byte[] Similar { get; init; } = [];

    /// <summary>Ids of what the user likes, which <see cref="SimilarItem.First"/> and <see cref="SimilarItem.Second"/> are places of.</summary>
    [Id(10)] public string[] SimilarTo { get; init; } = [];

    /// <summary>Whether shards did not tell the neighbours of what the user likes in time: <see cref="Similar"/> is older, or empty.</summary>
    [Id(11)] public bool SimilarLate { get; init; }
}

/// <summary>Events of one user, in order: each as the UTF-8 JSON of a <see cref="Ranking.Events.UserEvent"/>, validated and completed.</summary>
/// <param name="Events">One JSON document an event.</param>
[GenerateSerializer, Immutable, Alias("kg.EventsCommand")]
public sealed record EventsCommand([property: Id(0)] byte[][] Events)
{
    /// <summary>What of each event the caller did not send; empty when they sent everything.</summary>
    [Id(1)] public EventFilled[] Filled { get; init; } = [];

    /// <summary>What an event lacks as sent, so that it has to be completed with it.</summary>
    public static EventFilled LackedBy(Ranking.Events.UserEvent sent) =>
        (sent.EventId is null ? EventFilled.Id : 0) | (sent.Timestamp is null ? EventFilled.Timestamp : 0);
}

/// <summary>What an event was completed with.</summary>
[Flags]
public enum EventFilled : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The id: the hash of what was sent.</summary>
    Id = 1,

    /// <summary>The time: that of its arrival.</summary>
    Timestamp = 2,
}

/// <summary>How one event ended.</summary>
public enum EventStatus : byte
{
    /// <summary>Durable.</summary>
    Accepted = 0,

    /// <summary>Was durable before.</summary>
    Duplicate = 1,

    /// <summary>Names an item that does not exist.</summary>
    UnknownItem = 2,

    /// <summary>Not recorded for a passing reason; send it again.</summary>
    Unavailable = 3,

    /// <summary>Not recorded, since the user's stored state cannot be read. Sending it again does not help before the state is repaired.</summary>
    Unreadable = 4,

    /// <summary>Not recorded, since it is dated before the user was erased.</summary>
    BeforeErasure = 5,

    /// <summary>Not recorded, since the user has not done what it takes back.</summary>
    NothingToUndo = 6,

    /// <summary>Not recorded, since its id stands for another event of the user.</summary>
    IdConflict = 7,
}

/// <summary>How the events ended, in the order sent.</summary>
[GenerateSerializer, Immutable, Alias("kg.EventsReply")]
public sealed record EventsReply([property: Id(0)] EventStatus[] Statuses);

/// <summary>What to do with a document.</summary>
public enum WriteOperation : byte
{
    /// <summary>Replace.</summary>
    Put = 0,

    /// <summary>Merge (RFC 7396).</summary>
    Patch = 1,

    /// <summary>Delete.</summary>
    Delete = 2,
}

/// <summary>A write of a profile.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="Json">UTF-8 JSON of the document or merge patch; empty for a deletion.</param>
/// <param name="IfMatch">Version that must be current, or <see cref="WriteCondition.Absent"/>; null for any.</param>
[GenerateSerializer, Immutable, Alias("kg.ProfileCommand")]
public sealed record ProfileCommand([property: Id(0)] WriteOperation Operation, [property: Id(1)] byte[] Json, [property: Id(2)] long? IfMatch);

/// <summary>A user in full, for <c>GET /v1/users/{userId}</c>.</summary>
/// <param name="ProfileJson">UTF-8 JSON of the profile; null for a user known by events only.</param>
/// <param name="HistoryJson">UTF-8 JSON array of the newest events, newest first.</param>
/// <param name="Version">Version: the ETag.</param>
/// <param name="SeenCount">Items met.</param>
/// <param name="SpaceId">Embedding space of the vector.</param>
/// <param name="Vector">First components of the user vector of the first objective.</param>
/// <param name="Follows">Creators followed, by the profile and by events since.</param>
[GenerateSerializer, Immutable, Alias("kg.UserDetails")]
public sealed record UserDetails(
    [property: Id(0)] byte[]? ProfileJson, [property: Id(1)] byte[] HistoryJson, [property: Id(2)] long Version, [property: Id(3)] int SeenCount,
    [property: Id(4)] string? SpaceId, [property: Id(5)] float[] Vector, [property: Id(6)] string[] Follows);
