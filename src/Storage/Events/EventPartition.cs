using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Events;

/// <summary>
/// One partition: a record log whose records start with the event's id hash, the ids of its newest events, and the events that users' states may lack.
/// </summary>
internal sealed partial class EventPartition : IAsyncDisposable
{
    private const int IdBytes = sizeof(ulong);

    private readonly int _number;
    private readonly IRecordLog _log;
    private readonly EventLogOptions _options;
    private readonly ILogger _logger;
    private readonly RecentIds _recent;
    private readonly UnappliedEvents _unapplied = new();
    private readonly Dictionary<ulong, Task> _inFlight = [];
    private readonly Dictionary<ulong, Task> _newestOfUser = [];

    // Where the log ended at least before each append in flight: its events will stand behind.
    private readonly Dictionary<Task, long> _flights = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();

    // Where each erased user's erasure stands: what the user did before is left out of what is read for others.
    private readonly Dictionary<ulong, long> _erased = [];

    private EventPartition(int number, IRecordLog log, EventLogOptions options)
    {
        _number = number;
        _log = log;
        _options = options;
        _logger = options.Logger;
        _recent = new RecentIds(options.IdempotencyHorizon);
    }

    public long FirstPosition => _log.FirstPosition;

    public long EndPosition => _log.EndPosition;

    public Guid Id => _log.Id;

    public string? Failure => _log.Failure;

    /// <summary>Opens a partition.</summary>
    /// <param name="store">Where its log is.</param>
    /// <param name="number">Its number.</param>
    /// <param name="options">Horizon, and how to tell whose an event is.</param>
    /// <param name="appliedTo">Events below are in their users' states.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    public static async Task<EventPartition> OpenAsync(
        ILogStore store, int number, EventLogOptions options, long appliedTo, CancellationToken cancellationToken)
    {
        var log = await store.OpenAsync($"{EventLog.NamePrefix}{number:00}", cancellationToken);
        try
        {
            var partition = new EventPartition(number, log, options);
            long known = await partition.RestoreAsync(cancellationToken);
            long from = options.UserOf is null ? known : Math.Min(known, appliedTo);
            await foreach (var record in partition.ReadAllAsync(from, cancellationToken))
            {
                if (ErasedBy(record) is { } user)
                {
                    partition._erased[user] = record.Position;
                    continue;
                }
                if (record.Position >= known)
                    partition._recent.Add(record.IdHash, record.Position);
                if (options.UserOf is { } userOf && record.Position >= appliedTo)
                    partition._unapplied.Add(userOf(record.Payload), record.Position);
            }
            return partition;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<EventAppendResult> AppendAsync(ulong user, IReadOnlyList<EventEntry> events, CancellationToken cancellationToken)
    {
        long[] positions = new long[events.Count];
        bool[] duplicates = new bool[events.Count];
        int[] frameOf = new int[events.Count];
        var frames = new List<ReadOnlyMemory<byte>>(events.Count);
        var ids = new List<ulong>(events.Count);
        var others = new HashSet<Task>();
        Task? before;
        var durable = new TaskCompletionSource<AppendResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            for (int i = 0; i < events.Count; i++)
            {
                ulong id = events[i].IdHash;
                duplicates[i] = true;
                if (_recent.TryGetPosition(id, out positions[i]))
                    continue;
                if (!_inFlight.TryAdd(id, durable.Task))
                {
                    others.Add(_inFlight[id]);
                    continue;
                }
                duplicates[i] = false;
                frameOf[i] = frames.Count;
                ids.Add(id);
                frames.Add(Frame(events[i]));
            }
            _newestOfUser.TryGetValue(user, out before);
            if (frames.Count > 0)
            {
                _newestOfUser[user] = durable.Task;
                _flights.Add(durable.Task, _log.EndPosition);
            }
        }
        // Not under the caller's token: another caller may be waiting for the same event to become durable.
        if (frames.Count > 0)
            _ = CommitAsync(user, frames, ids, durable);
        // An earlier append of the user that nobody waits for any more ends first: whoever asks for unapplied events after this call then finds its events too.
        if (before is not null)
            await before.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        // An event that someone else is appending is a duplicate only once that append is durable.
        others.Remove(durable.Task);
        await Task.WhenAll(others).WaitAsync(cancellationToken);
        if (frames.Count > 0)
        {
            var result = await durable.Task.WaitAsync(cancellationToken);
            for (int i = 0; i < positions.Length; i++)
            {
                if (!duplicates[i])
                    positions[i] = result.Positions[frameOf[i]];
            }
        }
        lock (_gate)
        {
            // What was in flight at the first look has its position by now.
            for (int i = 0; i < positions.Length; i++)
            {
                if (duplicates[i] && positions[i] == 0)
                    _recent.TryGetPosition(events[i].IdHash, out positions[i]);
            }
        }
        return new EventAppendResult(_number, positions, duplicates);
    }

    /// <summary>Notes durably that a user was erased.</summary>
    public async Task EraseAsync(ulong user, CancellationToken cancellationToken)
    {
        byte[] frame = new byte[IdBytes + sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(IdBytes), user);
        // In flight until it is noted: a checkpoint in between must not say that it has what stands here.
        var flight = new TaskCompletionSource().Task;
        lock (_gate)
            _flights.Add(flight, _log.EndPosition);
        long? position = null;
        try
        {
            position = (await _log.AppendAsync([frame], cancellationToken)).Positions[0];
        }
        finally
        {
            lock (_gate)
            {
                _flights.Remove(flight);
                if (position is { } erased)
                    _erased[user] = erased;
            }
        }
    }

    /// <summary>Whether the user of an event was erased after it.</summary>
    public bool IsErased(ulong user, long position)
    {
        lock (_gate)
            return _erased.TryGetValue(user, out long erased) && position < erased;
    }

    public async IAsyncEnumerable<EventLogRecord> ReadAsync(long fromPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var record in ReadAllAsync(fromPosition, cancellationToken))
        {
            if (ErasedBy(record) is null)
                yield return record;
        }
    }

    /// <summary>The user whom a record erases; null for an event.</summary>
    private static ulong? ErasedBy(EventLogRecord record) =>
        record.IdHash == 0 && record.Payload.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(record.Payload.Span) : null;

    private async IAsyncEnumerable<EventLogRecord> ReadAllAsync(long fromPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // What was given up is left out.
        long from = fromPosition < _log.FirstPosition ? 0 : fromPosition;
        await foreach (var record in _log.ReadAsync(from, cancellationToken))
        {
            if (record.Payload.Length < IdBytes)
                throw new LogCorruptException(_log.Name, record.Position, "the record is too short for an event.");
            ulong id = BinaryPrimitives.ReadUInt64LittleEndian(record.Payload.Span);
            yield return new EventLogRecord(_number, record.Position, record.NextPosition, id, record.Payload[IdBytes..]);
        }
    }

    public async ValueTask<EventLogRecord> ReadAtAsync(long position, CancellationToken cancellationToken)
    {
        var record = await _log.ReadAtAsync(position, cancellationToken);
        if (record.Length < IdBytes)
            throw new LogCorruptException(_log.Name, position, "the record is too short for an event.");
        return new EventLogRecord(_number, position, 0, BinaryPrimitives.ReadUInt64LittleEndian(record.Span), record[IdBytes..]);
    }

    /// <summary>Positions above a position of a user's events that may be missing from the user's state, in order.</summary>
    public long[] UnappliedOf(ulong user, long after)
    {
        lock (_gate)
            return _unapplied.Of(user, after);
    }

    /// <summary>Reads the log for a user's events above a position, and takes them for unapplied.</summary>
    public async Task FindUnappliedAsync(ulong user, long after, CancellationToken cancellationToken)
    {
        await foreach (var record in ReadAsync(after, cancellationToken))
        {
            if (record.Position <= after || _options.UserOf?.Invoke(record.Payload) != user)
                continue;
            lock (_gate)
                _unapplied.Add(user, record.Position);
        }
    }

    /// <summary>Notes that a user's events up to a position are in the user's durable state.</summary>
    public void Applied(ulong user, long upTo)
    {
        lock (_gate)
            _unapplied.Remove(user, upTo);
    }

    /// <summary>Everything below is in its user's durable state.</summary>
    public long AppliedTo()
    {
        lock (_gate)
            return Math.Min(FlownTo(), _unapplied.First ?? long.MaxValue);
    }

    public async IAsyncEnumerable<EventLogRecord> TailAsync(long fromPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // New records are read back from the page cache: a slow consumer then needs neither a buffer nor a limit of its own.
        long position = fromPosition;
        do
        {
            await foreach (var record in ReadAllAsync(position, cancellationToken))
            {
                position = record.NextPosition;
                if (ErasedBy(record) is null)
                    yield return record;
            }
        }
        while (await _log.WaitForAppendAsync(position, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _checkpointing;
        await _log.DisposeAsync();
        _stop.Dispose();
    }

    // Every event below is settled: its id is among the newest. Called under the gate.
    private long FlownTo() => _flights.Values.Aggregate(_log.EndPosition, Math.Min);

    private static byte[] Frame(EventEntry entry)
    {
        byte[] frame = GC.AllocateUninitializedArray<byte>(IdBytes + entry.Payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame, entry.IdHash);
        entry.Payload.CopyTo(frame.AsMemory(IdBytes));
        return frame;
    }

    private async Task CommitAsync(ulong user, List<ReadOnlyMemory<byte>> frames, List<ulong> ids, TaskCompletionSource<AppendResult> durable)
    {
        try
        {
            var result = await _log.AppendAsync(frames, CancellationToken.None);
            Settle(user, ids, result.Positions, durable.Task);
            durable.SetResult(result);
        }
        catch (Exception exception)
        {
            Settle(user, ids, positions: null, durable.Task);
            durable.SetException(exception);
            // Seen here in case that nobody waits any more.
            _ = durable.Task.Exception;
        }
    }

    /// <summary>Ends the flight of ids: with their positions when they are durable, with null when they are not.</summary>
    private void Settle(ulong user, List<ulong> inFlight, long[]? positions, Task flight)
    {
        lock (_gate)
        {
            if (_newestOfUser.TryGetValue(user, out var newest) && newest == flight)
                _newestOfUser.Remove(user);
            _flights.Remove(flight);
            for (int i = 0; i < inFlight.Count; i++)
            {
                _inFlight.Remove(inFlight[i]);
                if (positions is null)
                    continue;
                _recent.Add(inFlight[i], positions[i]);
                _unapplied.Add(user, positions[i]);
                _sinceCheckpoint++;
            }
            CheckpointIfDue();
        }
    }
}
