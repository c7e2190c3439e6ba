using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace KgOrleans.Grains.Users;

/// <summary>
/// Writes, coalesced: a pump takes all that waits, appends its events to the log, applies everything, writes the state once, then answers. So events are durable in the log before they are in the state,
/// and an answer means both.
/// </summary>
public sealed partial class UserGrain
{
    // Far below what one append to the event log takes.
    private const int MaxBatchBytes = 4 << 20;

    private readonly Queue<Pending> _pending = new();
    private bool _pumping;
    private bool _dirty;
    private long _stateWrites;

    /// <inheritdoc />
    public async Task<EventsReply> RecordEvents(EventsCommand command, CancellationToken cancellationToken)
    {
        var events = Array.ConvertAll(command.Events, json => JsonSerializer.Deserialize<UserEvent>(json, KgJson.Options)!);
        var pending = new Pending { Events = events, Payloads = command.Events, Statuses = new EventStatus[events.Length] };
        if (await Enqueue(pending, cancellationToken))
            return new EventsReply(pending.Statuses);
        var refused = new EventStatus[events.Length];
        Array.Fill(refused, EventStatus.Unavailable);
        return new EventsReply(refused);
    }

    /// <inheritdoc />
    public async Task<WriteResult> WriteProfile(ProfileCommand command, CancellationToken cancellationToken)
    {
        var pending = new Pending { Profile = command };
        return await Enqueue(pending, cancellationToken) ? pending.Result! : Unavailable();
    }

    private TimeSpan WriteTimeout => TimeSpan.FromMilliseconds(options.Value.UserState.WriteTimeoutMs);

    /// <summary>Hands a write to the pump and waits for its end; false when it was not taken, or did not end in time.</summary>
    private async Task<bool> Enqueue(Pending pending, CancellationToken cancellationToken)
    {
        // While the store is away calls would only gather here, each with its events.
        if (_pending.Count >= options.Value.UserState.QueueLength)
            return false;
        _pending.Enqueue(pending);
        if (!_pumping)
        {
            _pumping = true;
            // The pump outlives the call that starts it; it reports through the pending writes and does not throw.
            Pump().Ignore();
        }
        try
        {
            await pending.Done.Task.WaitAsync(WriteTimeout, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            // The pump may still bring it to a good end, which a repetition then finds.
            return false;
        }
    }

    private async Task Pump()
    {
        try
        {
            while (_pending.Count > 0)
            {
                var batch = TakeBatch();
                var started = time.GetTimestamp();
                try
                {
                    await Apply(batch);
                    writes.Succeeded(time.GetElapsedTime(started));
                }
                catch (InconsistentStateException e)
                {
                    // Another activation wrote: this one's memory is worthless, the retry meets a fresh one.
                    writes.Conflicted(UserId, e, time.GetElapsedTime(started));
                    Refuse([.. batch, .. _pending]);
                    _pending.Clear();
                    DeactivateOnIdle();
                    return;
                }
                catch (Exception e)
                {
                    writes.Failed(UserId, e, time.GetElapsedTime(started));
                    Refuse(batch);
                }
                foreach (var pending in batch)
                    pending.Done.TrySetResult();
            }
        }
        finally
        {
            _pumping = false;
        }
    }

    private Pending[] TakeBatch()
    {
        var batch = new List<Pending>();
        var bytes = 0L;
        do
        {
            batch.Add(_pending.Dequeue());
            bytes += batch[^1].Payloads.Sum(p => (long)p.Length);
        }
        while (_pending.Count > 0 && bytes + _pending.Peek().Payloads.Sum(p => (long)p.Length) <= MaxBatchBytes);
        return [.. batch];
    }

    private async Task Apply(Pending[] batch)
    {
        await RecordAll(batch);
        foreach (var pending in batch)
        {
            if (pending.Profile is { } command)
                pending.Result = await ApplyProfile(command);
        }
        // Dirty survives a failed write: a repeated event is then not answered before the state that contains it is durable.
        if (!_dirty)
            return;
        State.Seen = _seen.Pack();
        // A write that was given up may have happened: the next one then conflicts, and a fresh activation reads what is there.
        using var limit = new CancellationTokenSource(WriteTimeout, time);
        await storage.WriteStateAsync(limit.Token);
        _stateWrites++;
        _dirty = false;
    }

    private async Task RecordAll(Pending[] batch)
    {
        var work = new List<(Pending Owner, int Index, UserEvent Event)>();
        foreach (var pending in batch)
        {
            for (var i = 0; i < pending.Events.Length; i++)
                work.Add((pending, i, pending.Events[i]));
        }
        if (work.Count == 0)
            return;

        var facts = await FactsOf(work.Select(w => w.Event.ItemId).Distinct().ToArray());
        work.RemoveAll(w =>
        {
            var known = facts.TryGetValue(w.Event.ItemId, out var item);
            if (item is not null)
                return false;
            w.Owner.Statuses[w.Index] = known ? EventStatus.UnknownItem : EventStatus.Unavailable;
            return true;
        });
        if (work.Count == 0)
            return;

        var appended = await eventLog.AppendAsync(Key64.Of(UserId), work.ConvertAll(w => new EventEntry(HashOf(w.Event.EventId!), w.Owner.Payloads[w.Index])));
        for (var i = 0; i < work.Count; i++)
        {
            var (owner, index, e) = work[i];
            owner.Statuses[index] = appended.IsDuplicate(i) ? EventStatus.Duplicate : EventStatus.Accepted;
            // The log's order decides, not who sent it: what lies above the applied position is missing from the state, also after a crash between the two writes.
            if (appended.Positions[i] <= State.AppliedPosition)
                continue;
            UserStateUpdater.Apply(State, _seen, e, facts[e.ItemId]!);
            State.AppliedPosition = appended.Positions[i];
            _dirty = true;
        }
    }

    /// <summary>Event ids are unique within a user only, and within the time between two erasures.</summary>
    private ulong HashOf(string eventId) => Key64.Of($"{UserId}\n{State.Erasures}\n{eventId}");

    /// <summary>Facts by item id: null for an item that does not exist, no entry when its shard could not say.</summary>
    private async Task<Dictionary<string, ItemFacts?>> FactsOf(string[] itemIds)
    {
        var facts = new Dictionary<string, ItemFacts?>();
        await Task.WhenAll(itemIds.GroupBy(id => Key64.Shard(Key64.Of(id), shards.ShardCount)).Select(async group =>
        {
            var ids = group.ToArray();
            ItemFactsReply reply;
            try
            {
                reply = await shards.GetFacts(group.Key, ids, CancellationToken.None);
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                LogFactsFailed(e, group.Key);
                return;
            }
            for (var i = 0; i < ids.Length && !reply.Warming; i++)
                facts[ids[i]] = reply.Facts[i] is { } f ? new ItemFacts(f.ItemId, f.CreatorId, f.SongId, (ItemKind)f.Kind, f.Tags, MemoryMarshal.Cast<byte, float>(f.Content).ToArray()) : null;
        }));
        return facts;
    }

    private async Task<WriteResult> ApplyProfile(ProfileCommand command)
    {
        if (command.IfMatch is { } version && (!State.IsKnown || State.ProfileVersion != version))
            return WriteResult.Refused(WriteStatus.VersionMismatch, "If-Match", "versionMismatch", "the profile has another version");
        if (command.Operation != WriteOperation.Put && !State.IsKnown)
            return WriteResult.Refused(WriteStatus.NotFound, "userId", "notFound", "no such user");
        if (command.Operation == WriteOperation.Delete)
        {
            // What stays is not about the user: where their events end, the versions given out, and that there was another life.
            storage.State = new UserState
            {
                AppliedPosition = State.AppliedPosition,
                ProfileVersion = State.ProfileVersion + 1,
                Version = State.Version + 1,
                Erasures = State.Erasures + 1,
            };
            (_seen, _snapshot, _vectors, _dirty) = (new SeenSet(), null, null, true);
            return new WriteResult(WriteStatus.Updated, State.ProfileVersion, []);
        }
        UserDocument? profile;
        try
        {
            var json = JsonNode.Parse(command.Json, documentOptions: MergePatch.Strict);
            if (command.Operation == WriteOperation.Patch)
                json = MergePatch.Apply(JsonSerializer.SerializeToNode(State.Profile ?? new UserDocument { UserId = UserId }, KgJson.Options), json);
            profile = json.Deserialize<UserDocument>(KgJson.Options);
        }
        catch (JsonException e)
        {
            return WriteResult.Refused(WriteStatus.Invalid, e.Path ?? "$", "invalidJson", e.Message);
        }
        if (profile is null)
            return WriteResult.Refused(WriteStatus.Invalid, "$", "invalidJson", "must be an object");
        profile = profile with
        {
            UserId = UserId,
            Follows = profile.Follows ?? [],
            Friends = profile.Friends ?? [],
            CommunityIds = profile.CommunityIds ?? [],
            BlockedCreatorIds = profile.BlockedCreatorIds ?? [],
        };
        if (UserValidator.Validate(profile) is { Count: > 0 } errors)
            return WriteResult.Invalid(errors);
        if (State.Profile is { } before && world.KeyOf(before.WorldId) != world.KeyOf(profile.WorldId))
            return WriteResult.Refused(WriteStatus.Conflict, "worldId", "otherWorld", "the id is taken by a user of another world");
        var status = State.Profile is null ? WriteStatus.Created : WriteStatus.Updated;
        State.Profile = profile;
        State.Version++;
        State.ProfileVersion++;
        _dirty = true;
        return new WriteResult(status, State.ProfileVersion, []);
    }

    private static WriteResult Unavailable() => WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "the user's state cannot be written now");

    private static void Refuse(Pending[] batch)
    {
        foreach (var pending in batch)
        {
            Array.Fill(pending.Statuses, EventStatus.Unavailable);
            pending.Result = Unavailable();
            pending.Done.TrySetResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} did not answer for item facts")]
    private partial void LogFactsFailed(Exception e, int shard);

    private sealed class Pending
    {
        public UserEvent[] Events { get; init; } = [];

        public byte[][] Payloads { get; init; } = [];

        public EventStatus[] Statuses { get; init; } = [];

        public ProfileCommand? Profile { get; init; }

        public WriteResult? Result { get; set; }

        public TaskCompletionSource Done { get; } = new();
    }
}
