using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace KgOrleans.Grains.Users;

/// <summary>
/// Writes, coalesced. A pump takes all writes that wait, appends their events to the event log, applies everything, writes the state once, and answers. So
/// events are durable in the log before they are in the state, and an answer means both.
/// </summary>
public sealed partial class UserGrain
{
    // Far below what one append to the event log takes.
    private const int MaxBatchBytes = 4 << 20;

    private readonly Queue<PendingUserWrite> _pending = new();
    private Task _pump = Task.CompletedTask;
    private bool _dirty;
    private long _stateWrites;

    private TimeSpan WriteTimeout => TimeSpan.FromMilliseconds(options.Value.WriteTimeoutMs);

    /// <inheritdoc />
    public async Task<EventsReply> RecordEvents(EventsCommand command, CancellationToken cancellationToken)
    {
        if (_unreadable is not null)
            await Reopen();
        if (_unreadable is not null)
            throw Unreadable();
        var events = Array.ConvertAll(command.Events, json => JsonSerializer.Deserialize<UserEvent>(json, KgJson.Options)!);
        var pending = new PendingUserWrite
        {
            Events = events,
            Payloads = command.Events,
            Filled = command.Filled,
            Statuses = new EventStatus[events.Length],
        };
        if (await Enqueue(pending, cancellationToken))
            return new EventsReply(pending.Statuses);
        var refused = new EventStatus[events.Length];
        Array.Fill(refused, EventStatus.Unavailable);
        return new EventsReply(refused);
    }

    /// <inheritdoc />
    public async Task<WriteResult> WriteProfile(ProfileCommand command, CancellationToken cancellationToken)
    {
        if (_unreadable is not null)
            await Reopen();
        if (_unreadable is not null && command.Operation != WriteOperation.Delete)
            throw Unreadable();
        var pending = new PendingUserWrite { Profile = command };
        var result = await Enqueue(pending, cancellationToken) ? pending.Result! : UserProfileWrites.Unavailable();
        // Also when the answer is that nothing was stored: the erasure may still come, and a repeated one finds nobody to erase.
        if (command.Operation == WriteOperation.Delete)
            await ForgetLikes();
        return result;
    }

    /// <summary>Hands a write to the pump and waits for its end; false when it was not taken, or did not end in time.</summary>
    private async Task<bool> Enqueue(PendingUserWrite pending, CancellationToken cancellationToken)
    {
        // While the store is away calls would only gather here, each with its events.
        if (_pending.Count >= options.Value.QueueLength)
            return false;
        _pending.Enqueue(pending);
        // The pump outlives the call that starts it; it reports through the pending writes and does not throw.
        if (_pump.IsCompleted)
            _pump = Pump();
        try
        {
            await pending.Done.Task.WaitAsync(WriteTimeout, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            // The pump may still store it; sending the write again is then harmless.
            return false;
        }
    }

    private async Task Pump()
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
                // Another activation wrote, so this one's memory is out of date. Callers that try again meet a fresh activation.
                writes.Conflicted(UserId, e, time.GetElapsedTime(started));
                foreach (var pending in batch.Concat(_pending))
                    pending.Refuse();
                _pending.Clear();
                DeactivateOnIdle();
                return;
            }
            catch (Exception e)
            {
                writes.Failed(UserId, e, time.GetElapsedTime(started));
                foreach (var pending in batch)
                    pending.Refuse();
            }
            foreach (var pending in batch)
                pending.Done.TrySetResult();
        }
    }

    private PendingUserWrite[] TakeBatch()
    {
        var batch = new List<PendingUserWrite>();
        var bytes = 0L;
        do
        {
            batch.Add(_pending.Dequeue());
            bytes += batch[^1].Bytes;
        }
        while (_pending.Count > 0 && bytes + _pending.Peek().Bytes <= MaxBatchBytes);
        return [.. batch];
    }

    private async Task Apply(PendingUserWrite[] batch)
    {
        if (_unreadable is null)
            await RecordAll(batch);
        foreach (var pending in batch)
        {
            if (pending.Profile is { } command)
                pending.Settle(TryApplyProfile(command));
        }
        // Before the state: a try that ends in between is sent again under the same conditions, which a state that is empty already would not meet.
        if (batch.Any(Erases))
            await eventLog.EraseAsync(UserKey);
        // Dirty survives a failed write: a repeated event is then not answered before the state that contains it is durable.
        if (_dirty)
            await Store();
    }

    // Also when nobody was there to erase: the answer of the first try may have been lost.
    private static bool Erases(PendingUserWrite pending) =>
        pending.Profile?.Operation == WriteOperation.Delete && pending.Result is { Succeeded: true } or { Status: WriteStatus.NotFound };

    private async Task Store()
    {
        State.Seen = _seen.Pack();
        // A write that was given up may have happened: the next one then conflicts, and a fresh activation reads what is there.
        using var limit = new CancellationTokenSource(WriteTimeout, time);
        await storage.WriteStateAsync(limit.Token);
        _stateWrites++;
        _dirty = false;
        eventLog.Applied(UserKey, State.AppliedPosition);
        // Ready for the next page.
        if (_similar is not null && _similar.Sources != Sources().Hash)
            _ = ReadSimilar();
    }

    private async Task RecordAll(PendingUserWrite[] batch)
    {
        // First: what is recorded next may repeat what the state lacks.
        await CatchUp(appended: null);
        var events = new UserEventBatch(batch);
        if (events.IsEmpty)
            return;
        // No caller's token: the batch belongs to several calls.
        events.KeepAfter(State.ErasedAt);
        events.KeepKnown(await facts.FindAsync(events.ItemIds, CancellationToken.None));
        events.NameArrivals(State.Arrivals);
        events.Mark(State, _seen);
        if (events.IsEmpty)
            return;
        events.Appended(await eventLog.AppendAsync(UserKey, events.ForLog(UserId, State.Erasures)));
        await CatchUp(events);
        if (events.LastPosition > State.AppliedPosition)
        {
            // The log was told that a state has these events, and this one lacks them: it is an older copy.
            await eventLog.FindUnappliedAsync(UserKey, State.AppliedPosition);
            await CatchUp(events);
        }
        _dirty |= await events.SettleDuplicates(RecordedAt, _seen);
    }

    /// <summary>
    /// Applies the events that the log has and the state lacks, in the order of the log: those just appended, and those whose state was never stored because
    /// the store or the process failed in between. So a position says of every earlier event of the user that the state has it.
    /// </summary>
    /// <exception cref="OrleansException">An item of such an event is on a shard that does not answer.</exception>
    private async Task CatchUp(UserEventBatch? appended)
    {
        var lacking = new List<(long Position, UserEvent Event, ItemFacts? Item)>();
        foreach (var position in eventLog.UnappliedOf(UserKey, State.AppliedPosition))
            lacking.Add(appended?.TryGet(position, out var e, out var item) == true ? (position, e, item) : (position, await RecordedAt(position), null));
        if (lacking.Count == 0)
            return;
        var unknown = lacking.Where(l => l.Item is null).Select(l => l.Event.ItemId).ToArray();
        var found = unknown.Length == 0 ? [] : await facts.FindAsync(unknown, CancellationToken.None);
        foreach (var (position, e, item) in lacking)
        {
            if (item is null && !found.ContainsKey(e.ItemId))
                throw new OrleansException($"the shard of item {e.ItemId} did not say what an earlier event of user {UserId} is about");
            _dirty = true;
            // Nobody was told that an event of an item that is gone was recorded.
            if ((item ?? found[e.ItemId]) is { } about)
                UserStateUpdater.Apply(State, _seen, e, about);
            Arrivals.Add(State.Arrivals, e);
            State.AppliedPosition = position;
            State.LogId = eventLog.LogOf(UserKey).Id;
        }
    }

    private async Task<UserEvent> RecordedAt(long position) =>
        JsonSerializer.Deserialize<UserEvent>((await eventLog.ReadAtAsync(UserKey, position)).Payload.Span, KgJson.Options)!;

    /// <summary>Applies a write of the profile. One that cannot be processed is refused alone: others share its batch.</summary>
    private WriteResult TryApplyProfile(ProfileCommand command)
    {
        try
        {
            return ApplyProfile(command);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            LogProfileFailed(e, UserId);
            return WriteResult.Refused(WriteStatus.Invalid, "$", "invalid", "the profile could not be processed; the server's log says why");
        }
    }

    private WriteResult ApplyProfile(ProfileCommand command)
    {
        var before = _unreadable is null ? State : UnreadableUser.BeforeErasure(eventLog.LogOf(UserKey), time.GetUtcNow());
        var (next, result) = UserProfileWrites.Apply(before, command, UserId, world, time.GetUtcNow());
        _dirty |= result.Succeeded;
        if (!ReferenceEquals(next, before))
        {
            _unreadable = null;
            storage.State = next;
            (_seen, _snapshot, _vectors) = (new SeenSet(), null, null);
            (_similar, _similarCallSources, _sources) = (null, 0, (-1, [], 0));
        }
        return result;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A write of the profile of user {UserId} could not be processed and was refused")]
    private partial void LogProfileFailed(Exception e, string userId);
}
