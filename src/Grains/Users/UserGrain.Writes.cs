using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
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
        var events = Array.ConvertAll(command.Events, json => JsonSerializer.Deserialize<UserEvent>(json, KgJson.Options)!);
        var pending = new PendingUserWrite { Events = events, Payloads = command.Events, Statuses = new EventStatus[events.Length] };
        if (await Enqueue(pending, cancellationToken))
            return new EventsReply(pending.Statuses);
        var refused = new EventStatus[events.Length];
        Array.Fill(refused, EventStatus.Unavailable);
        return new EventsReply(refused);
    }

    /// <inheritdoc />
    public async Task<WriteResult> WriteProfile(ProfileCommand command, CancellationToken cancellationToken)
    {
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
        await RecordAll(batch);
        foreach (var pending in batch)
        {
            if (pending.Profile is { } command)
                pending.Settle(ApplyProfile(command));
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

    private async Task RecordAll(PendingUserWrite[] batch)
    {
        var events = new UserEventBatch(batch);
        if (events.IsEmpty)
            return;
        // No caller's token: the batch belongs to several calls.
        events.KeepAfter(State.ErasedAt);
        events.KeepKnown(await facts.FindAsync(events.ItemIds, CancellationToken.None));
        events.Mark(State, _seen);
        if (events.IsEmpty)
            return;
        var appended = await eventLog.AppendAsync(Key64.Of(UserId), events.ForLog(UserId, State.Erasures));
        _dirty |= appended.Positions.Any(p => p > State.AppliedPosition);
        events.Apply(appended, State, _seen);
    }

    private WriteResult ApplyProfile(ProfileCommand command)
    {
        var (next, result) = UserProfileWrites.Apply(State, command, UserId, world, time.GetUtcNow());
        _dirty |= result.Succeeded;
        if (!ReferenceEquals(next, State))
        {
            storage.State = next;
            (_seen, _snapshot, _vectors) = (new SeenSet(), null, null);
        }
        return result;
    }
}
