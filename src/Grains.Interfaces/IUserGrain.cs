using Orleans.Concurrency;

namespace KgOrleans.Grains.Interfaces;

/// <summary>One user, by user id: profile, history, seen set, and the user vector computed from them.</summary>
/// <remarks>
/// All calls interleave. Writes are coalesced: one state write is in flight, and the next one carries all that arrived meanwhile. A write is answered when it
/// is durable.
/// </remarks>
[Alias("kg.IUserGrain")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>The user as a request sees them, with their vector in an embedding space.</summary>
    [AlwaysInterleave]
    [Alias("GetSnapshot")]
    Task<UserReply> GetSnapshot(UserQuery query, CancellationToken cancellationToken);

    /// <summary>Records events of this user. Answered when the event log and the user's state are durable; harmless to repeat.</summary>
    [AlwaysInterleave]
    [Alias("RecordEvents")]
    Task<EventsReply> RecordEvents(EventsCommand command, CancellationToken cancellationToken);

    /// <summary>Replaces, merges or erases the profile. Erasing empties the user's state; their events stay in the event log.</summary>
    [AlwaysInterleave]
    [Alias("WriteProfile")]
    Task<WriteResult> WriteProfile(ProfileCommand command, CancellationToken cancellationToken);

    /// <summary>Profile, history and a preview of the vector.</summary>
    [AlwaysInterleave]
    [Alias("GetDetails")]
    Task<UserDetails?> GetDetails(CancellationToken cancellationToken);

    /// <summary>
    /// Keys of the items that the user liked last, newest first, 8 bytes each: the social channel of a friend starts from them. Asks no other user.
    /// </summary>
    /// <param name="most">Most items wanted.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    [Alias("GetLiked")]
    Task<byte[]> GetLiked(int most);

    /// <summary>
    /// <see cref="GetLiked"/> for a user that keeps the answer for a minute, and is told to forget it when this user is erased meanwhile.
    /// </summary>
    /// <param name="askerId">The user that asks.</param>
    /// <param name="most">Most items wanted.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    [Alias("TellLiked")]
    Task<byte[]> TellLiked(string askerId, int most);

    /// <summary>Forgets at once what a friend has liked: the friend was erased.</summary>
    /// <param name="friendId">The friend.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    [Alias("ForgetFriend")]
    Task ForgetFriend(string friendId);

    /// <summary>What the Dashboard shows.</summary>
    [AlwaysInterleave]
    [Alias("GetState")]
    Task<UserGrainView> GetState();
}
