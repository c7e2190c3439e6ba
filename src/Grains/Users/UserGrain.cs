using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Grains.Configuration;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Users;

/// <summary>A user's state and the vector computed from it. Reads here; what friends liked in UserGrain.Friends.cs; writes in UserGrain.Writes.cs.</summary>
public sealed partial class UserGrain(
    [PersistentState("user")] IPersistentState<UserState> storage,
    EventLog eventLog,
    IShardClient shards,
    ModelHost models,
    CatalogueWorld world,
    TimeProvider time,
    IOptions<KgOptions> options,
    UserStateWrites writes,
    ILogger<UserGrain> logger) : Grain, IUserGrain
{
    private const int PreviewLength = 8;
    private const int PreviewHistory = 10;

    // Interests decay over weeks and features look at minutes at the finest: within a minute a snapshot and its vector stay what they are.
    private const long TimeBucketMs = 60_000;

    // The pause that ends a session on the platform; web analytics draw the line at the same half hour.
    private static readonly TimeSpan SessionGap = TimeSpan.FromMinutes(30);

    private SeenSet _seen = new();
    private UserSnapshot? _snapshot;
    private long _snapshotBucket;
    private Task<byte[]>? _heads;
    private string? _headsSpace;
    private long _vectorHits;
    private long _vectorComputations;

    private string UserId => this.GetPrimaryKeyString();

    private UserState State => storage.State;

    /// <inheritdoc />
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        try
        {
            UserStateFormat.Migrate(State);
            _seen = SeenSet.Unpack(State.Seen);
            return Task.CompletedTask;
        }
        catch (FormatException e)
        {
            throw new StorageException($"The stored state of user {UserId} cannot be read: {e.Message}.", isTransient: false, e);
        }
    }

    /// <inheritdoc />
    public async Task<UserReply> GetSnapshot(UserQuery query, CancellationToken cancellationToken)
    {
        var snapshot = Snapshot(query.Now);
        // Seen set and session are taken in the same turn as the snapshot: all belong to one state.
        var reply = new UserReply(snapshot, Ranking.Items.ItemKey.ToBytes(_seen.Select(query.Seen, query.Now)), [], null, TowerFailed: false)
        {
            SessionKeys = Ranking.Items.ItemKey.ToBytes(_seen.Session(query.SeenTypesMask, query.Now - (query.Now % TimeBucketMs), SessionGap, query.SessionLength)),
        };
        var hasVector = query.SpaceId is not null && models.SpaceId == query.SpaceId && world.IdOf(snapshot.WorldId) == models.Bundle!.WorldId;
        // Started before friends are waited for: the tower computes meanwhile.
        var heads = hasVector ? Heads(snapshot) : null;
        if (query.FriendLikesMs > 0 && State.Profile is { Friends.Count: > 0 } profile)
        {
            var (likes, late) = await LikesOfFriends(profile.Friends, TimeSpan.FromMilliseconds(query.FriendLikesMs)).WaitAsync(cancellationToken);
            reply = reply with { FriendLikes = likes, FriendsLate = late };
        }
        if (heads is null)
            return reply;
        var vector = await heads.WaitAsync(cancellationToken);
        return vector.Length > 0 ? reply with { Heads = vector, SpaceId = query.SpaceId } : reply with { TowerFailed = true };
    }

    /// <inheritdoc />
    public async Task<UserDetails?> GetDetails(CancellationToken cancellationToken)
    {
        if (!State.IsKnown)
            return null;
        var vector = Array.Empty<float>();
        if (models.Bundle is { } bundle && world.IdOf(State.Profile?.WorldId) == bundle.WorldId)
        {
            var heads = await Heads(Snapshot(time.GetUtcNow().ToUnixTimeMilliseconds())).WaitAsync(cancellationToken);
            vector = MemoryMarshal.Cast<byte, float>(heads)[..Math.Min(PreviewLength, heads.Length / sizeof(float))].ToArray();
        }
        return new UserDetails(
            State.Profile is null ? null : JsonSerializer.SerializeToUtf8Bytes(State.Profile, KgJson.Options),
            JsonSerializer.SerializeToUtf8Bytes(State.History.AsEnumerable().Reverse().Select(Describe), KgJson.Options),
            State.ProfileVersion, _seen.Count, vector.Length > 0 ? models.SpaceId : null, vector);
    }

    /// <inheritdoc />
    public Task<UserGrainView> GetState()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var heads = _heads is { IsCompletedSuccessfully: true } computed ? MemoryMarshal.Cast<byte, float>(computed.Result) : [];
        return Task.FromResult(new UserGrainView
        {
            UserId = UserId,
            Known = State.IsKnown,
            Version = State.Version,
            World = world.IdOf(State.Profile?.WorldId),
            Region = State.Profile?.Region ?? "",
            Follows = (State.Profile?.Follows.Count ?? 0) + State.Followed.Count,
            Seen = _seen.Count,
            Events = EventTypes.All.Where(t => State.Counts[(int)t.Type] > 0).ToDictionary(t => t.Type.ToString().ToLowerInvariant(), t => State.Counts[(int)t.Type]),
            TopTags = [.. Snapshot(now).Tags.Take(PreviewHistory).Select(t => FormattableString.Invariant($"{t.Id} {t.Weight:0.00}"))],
            RecentHistory = [.. State.History.AsEnumerable().Reverse().Take(PreviewHistory).Select(h =>
                FormattableString.Invariant($"{h.Type.ToString().ToLowerInvariant()} {h.ItemId} {h.Value:0.##} at {DateTimeOffset.FromUnixTimeMilliseconds(h.At):u}"))],
            LastEvent = State.LastEventAt == 0 ? "" : DateTimeOffset.FromUnixTimeMilliseconds(State.LastEventAt).ToString("u"),
            VectorSpace = heads.Length > 0 ? _headsSpace ?? "" : "",
            VectorPreview = Preview(heads),
            VectorCache = $"{_vectorHits} used, {_vectorComputations} computed",
            PendingWrites = _pending.Count,
            StateWrites = _stateWrites,
        });
    }

    private static string Preview(ReadOnlySpan<float> vector)
    {
        var parts = new List<string>();
        foreach (var component in vector[..Math.Min(PreviewLength, vector.Length)])
            parts.Add(component.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture));
        return string.Join(' ', parts);
    }

    private static UserHistoryItem Describe(HistoryEntry h) => new(h.ItemId, h.Type, h.Value, DateTimeOffset.FromUnixTimeMilliseconds(h.At), h.CreatorId, h.SongId, h.Tags);

    private UserSnapshot Snapshot(long now)
    {
        var bucket = now / TimeBucketMs;
        if (_snapshot is null || _snapshot.StateVersion != State.Version || _snapshotBucket != bucket)
        {
            _snapshot = State.IsKnown ? UserSnapshot.Create(UserId, State, bucket * TimeBucketMs) : UserSnapshot.Unknown(UserId);
            _snapshotBucket = bucket;
            _heads = null;
        }
        return _snapshot;
    }

    private Task<byte[]> Heads(UserSnapshot snapshot)
    {
        if (_heads is not null && _headsSpace == models.SpaceId && ReferenceEquals(snapshot, _snapshot))
        {
            _vectorHits++;
            return _heads;
        }
        _vectorComputations++;
        _headsSpace = models.SpaceId;
        var at = _snapshotBucket * TimeBucketMs;
        // Off the turn: the tower is CPU work and touches nothing of the grain.
        return _heads = Task.Run(() => Compute(snapshot, at));
    }

    /// <summary>The heads as bytes; empty when the tower failed or gave a number that is not finite. Kept like any other result until the next minute or state.</summary>
    private byte[] Compute(UserSnapshot snapshot, long at)
    {
        try
        {
            var heads = models.Bundle!.UserTower.Compute(snapshot, at);
            return Array.TrueForAll(heads, float.IsFinite) ? MemoryMarshal.AsBytes(heads.AsSpan()).ToArray() : [];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogTowerFailed(e, snapshot.UserId);
            return [];
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The user tower failed for user {UserId}")]
    private partial void LogTowerFailed(Exception e, string userId);
}
