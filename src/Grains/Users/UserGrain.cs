using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Users;

/// <summary>
/// A user's state and the vectors computed from it. Reads are here, what friends liked in UserGrain.Friends.cs, writes in UserGrain.Writes.cs, states that
/// cannot be read in UserGrain.Unreadable.cs.
/// </summary>
public sealed partial class UserGrain(
    [PersistentState("user")] IPersistentState<UserState> storage,
    EventLog eventLog,
    ShardFacts facts,
    IShardClient shards,
    ModelHost models,
    CatalogueWorld world,
    TimeProvider time,
    IOptions<UserStateOptions> options,
    UserStateWrites writes,
    ILogger<UserGrain> logger) : Grain, IUserGrain
{
    private const int PreviewLength = 8;
    private const int PreviewHistory = 10;

    // Interests decay over weeks, and no feature looks closer than minutes: within a minute a snapshot and its vectors stay the same.
    private const long TimeBucketMs = 60_000;

    // The pause that ends a session: half an hour, as in web analytics.
    private static readonly TimeSpan SessionGap = TimeSpan.FromMinutes(30);

    private SeenSet _seen = new();
    private UserSnapshot? _snapshot;
    private long _snapshotBucket;
    private Task<UserVectors>? _vectors;
    private string? _vectorSpace;
    private long _vectorHits;
    private long _vectorComputations;

    private string UserId => this.GetPrimaryKeyString();

    private ulong UserKey => Key64.Of(UserId);

    private UserState State => _unreadable is null ? storage.State : throw Unreadable();

    /// <inheritdoc />
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _unreadable = storage.State.Unreadable;
        _unreadable ??= Open();
        return Task.CompletedTask;
    }

    /// <summary>Compares the state with the event log: what the state has must be there, and what only the log has is applied.</summary>
    private void MeetLog()
    {
        var (id, end) = eventLog.LogOf(UserKey);
        if (State.LogId is { } known && known != id)
            throw new StorageException(
                $"The state of user {UserId} has events of event log {known}, and this is {id}: one of them is another store's.", isTransient: false);
        if (State.AppliedPosition > end)
        {
            throw new StorageException(
                $"The state of user {UserId} has events up to position {State.AppliedPosition}, and their event log ends at {end}: a part of it is lost. "
                    + "Restore the log from a backup.",
                isTransient: false);
        }
        eventLog.Applied(UserKey, State.AppliedPosition);
        if (eventLog.UnappliedOf(UserKey, State.AppliedPosition).Length > 0)
        {
            _pending.Enqueue(new PendingUserWrite());
            _pump = Pump();
        }
    }

    /// <inheritdoc />
    public async Task<UserReply> GetSnapshot(UserQuery query, CancellationToken cancellationToken)
    {
        if (_unreadable is not null)
            await Reopen();
        var snapshot = Snapshot(query.Now);
        // Snapshot, seen set and session are taken in one turn, so they belong to one state.
        var reply = new UserReply(snapshot, Key64.ToBytes(KeysLeftOut(query)), [], null, TowerFailed: false)
        {
            SessionKeys = Key64.ToBytes(_seen.Session(query.SeenTypesMask, query.Now - (query.Now % TimeBucketMs), SessionGap, query.SessionLength)),
        };
        var hasVector = query.SpaceId is not null && models.SpaceId == query.SpaceId && world.IdOf(snapshot.WorldId) == models.Bundle!.WorldId;
        var similar = query.SimilarMs > 0 && State.IsKnown ? Similar(TimeSpan.FromMilliseconds(query.SimilarMs)) : null;
        // The tower computes while the friends answer.
        var computing = hasVector ? Vectors(snapshot) : null;
        if (query.FriendLikesMs > 0 && State.Profile is { Friends.Count: > 0 } profile)
        {
            var (likes, late) = await LikesOfFriends(profile.Friends, TimeSpan.FromMilliseconds(query.FriendLikesMs)).WaitAsync(cancellationToken);
            reply = reply with { FriendLikes = likes, FriendsLate = late };
        }
        if (similar is not null)
        {
            var (items, isLate) = await similar.WaitAsync(cancellationToken);
            reply = reply with { Similar = items?.Items ?? [], SimilarTo = items?.Ids ?? [], SimilarLate = isLate };
        }
        if (computing is null)
            return reply;
        var vectors = await computing.WaitAsync(cancellationToken);
        return vectors.Heads.Length > 0
            ? reply with { Heads = vectors.Heads, RecallVector = vectors.Recall, SpaceId = query.SpaceId }
            : reply with { TowerFailed = true };
    }

    /// <inheritdoc />
    public async Task<UserDetails?> GetDetails(CancellationToken cancellationToken)
    {
        if (_unreadable is not null)
            await Reopen();
        if (!State.IsKnown)
            return null;
        var vector = Array.Empty<float>();
        if (models.Bundle is { } bundle && world.IdOf(State.Profile?.WorldId) == bundle.WorldId)
        {
            var heads = (await Vectors(Snapshot(time.GetUtcNow().ToUnixTimeMilliseconds())).WaitAsync(cancellationToken)).Heads;
            vector = MemoryMarshal.Cast<byte, float>(heads)[..Math.Min(PreviewLength, heads.Length / sizeof(float))].ToArray();
        }
        string[] follows = [.. State.FollowsInEffect()];
        return new UserDetails(
            State.Profile is null ? null : JsonSerializer.SerializeToUtf8Bytes(State.Profile with { Follows = follows }, KgJson.Options),
            JsonSerializer.SerializeToUtf8Bytes(State.History.AsEnumerable().Reverse().Select(Describe), KgJson.Options),
            State.ProfileVersion, _seen.Count, vector.Length > 0 ? models.SpaceId : null, vector, follows);
    }

    /// <inheritdoc />
    public async Task<UserGrainView> GetState()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var heads = _vectors is { IsCompletedSuccessfully: true } computed ? (await computed).Heads : [];
        return new UserGrainView
        {
            UserId = UserId,
            Known = State.IsKnown,
            Version = State.Version,
            World = world.IdOf(State.Profile?.WorldId),
            Region = State.Profile?.Region ?? "",
            Follows = State.FollowsInEffect().Count(),
            Seen = _seen.Count,
            Events = EventTypes.All.Where(t => State.Counts.ElementAtOrDefault((int)t.Type) > 0)
                .ToDictionary(t => t.Name, t => State.Counts[(int)t.Type]),
            TopTags = [.. Snapshot(now).Tags.Take(PreviewHistory).Select(t => FormattableString.Invariant($"{t.Id} {t.Weight:0.00}"))],
            RecentHistory = [.. State.History.AsEnumerable().Reverse().Take(PreviewHistory).Select(Line)],
            LastEvent = State.LastEventAt == 0 ? "" : DateTimeOffset.FromUnixTimeMilliseconds(State.LastEventAt).ToString("u"),
            VectorSpace = heads.Length > 0 ? _vectorSpace ?? "" : "",
            VectorPreview = Preview(MemoryMarshal.Cast<byte, float>(heads)),
            VectorCache = $"{_vectorHits} used, {_vectorComputations} computed",
            PendingWrites = _pending.Count,
            StateWrites = _stateWrites,
        };
    }

    /// <summary>Keys of items that must not come back: seen or interacted with as the scene says, and what the user does not want, however long ago.</summary>
    private ulong[] KeysLeftOut(UserQuery query)
    {
        var keys = _seen.Select(query.Seen, query.Now, query.InteractedMask | EventTypes.RemovingMask);
        return State.Profile is { BlockedItemIds.Count: > 0 } profile ? [.. keys.Union(Key64.OfAll(profile.BlockedItemIds))] : keys;
    }

    private static string Preview(ReadOnlySpan<float> vector)
    {
        var parts = new List<string>();
        foreach (var component in vector[..Math.Min(PreviewLength, vector.Length)])
            parts.Add(component.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture));
        return string.Join(' ', parts);
    }

    private static string Line(HistoryEntry h) =>
        FormattableString.Invariant($"{EventTypes.Of(h.Type).Name} {h.ItemId} {h.Value:0.##} at {DateTimeOffset.FromUnixTimeMilliseconds(h.At):u}");

    private static UserHistoryItem Describe(HistoryEntry h) =>
        new(h.ItemId, h.Type, h.Value, DateTimeOffset.FromUnixTimeMilliseconds(h.At), h.CreatorId, h.SongId, h.Tags);

    private UserSnapshot Snapshot(long now)
    {
        var bucket = now / TimeBucketMs;
        if (_snapshot is null || _snapshot.StateVersion != State.Version || _snapshotBucket != bucket)
        {
            _snapshot = State.IsKnown ? UserSnapshot.Create(UserId, State, bucket * TimeBucketMs) : UserSnapshot.Unknown(UserId);
            _snapshotBucket = bucket;
            _vectors = null;
        }
        return _snapshot;
    }

    private Task<UserVectors> Vectors(UserSnapshot snapshot)
    {
        if (_vectors is not null && _vectorSpace == models.SpaceId && ReferenceEquals(snapshot, _snapshot))
        {
            _vectorHits++;
            return _vectors;
        }
        _vectorComputations++;
        _vectorSpace = models.SpaceId;
        var at = _snapshotBucket * TimeBucketMs;
        // Outside of the turn: the tower is CPU work and touches no state of the grain.
        return _vectors = Task.Run(() => Compute(snapshot, at));
    }

    /// <summary>The vectors; none when a graph failed. A failure is kept like any other result, until the next minute or state.</summary>
    private UserVectors Compute(UserSnapshot snapshot, long at)
    {
        try
        {
            return UserVectors.Of(models.Bundle!, snapshot, at);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogTowerFailed(e, snapshot.UserId);
            return UserVectors.None;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The user tower failed for user {UserId}")]
    private partial void LogTowerFailed(Exception e, string userId);
}
