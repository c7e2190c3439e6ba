using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Events;

/// <summary>One partition: a record log whose records start with the event's id hash, and the ids of its newest events.</summary>
internal sealed class EventPartition : IAsyncDisposable
{
    private const int IdBytes = sizeof(ulong);

    private readonly int _number;
    private readonly IRecordLog _log;
    private readonly RecentIds _recent;
    private readonly Dictionary<ulong, Task> _inFlight = [];
    private readonly Lock _gate = new();

    private EventPartition(int number, IRecordLog log, int horizon)
    {
        _number = number;
        _log = log;
        _recent = new RecentIds(horizon);
    }

    public long EndPosition => _log.EndPosition;

    public static async Task<EventPartition> OpenAsync(ILogStore store, int number, int horizon, CancellationToken cancellationToken)
    {
        var log = await store.OpenAsync($"{EventLog.NamePrefix}{number:00}", cancellationToken);
        try
        {
            var partition = new EventPartition(number, log, horizon);
            await foreach (var record in partition.ReadAsync(0, cancellationToken))
                partition._recent.Add(record.IdHash, record.Position);
            return partition;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<EventAppendResult> AppendAsync(IReadOnlyList<EventEntry> events, CancellationToken cancellationToken)
    {
        long[] positions = new long[events.Count];
        bool[] duplicates = new bool[events.Count];
        int[] frameOf = new int[events.Count];
        var frames = new List<ReadOnlyMemory<byte>>(events.Count);
        var ids = new List<ulong>(events.Count);
        var others = new HashSet<Task>();
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
        }
        // Not under the caller's token: another caller may be waiting for the same event to become durable.
        if (frames.Count > 0)
            _ = CommitAsync(frames, ids, durable);
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

    public async IAsyncEnumerable<EventLogRecord> ReadAsync(long fromPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var record in _log.ReadAsync(fromPosition, cancellationToken))
        {
            if (record.Payload.Length < IdBytes)
                throw new LogCorruptException(_log.Name, record.Position, "the record is too short for an event.");
            ulong id = BinaryPrimitives.ReadUInt64LittleEndian(record.Payload.Span);
            yield return new EventLogRecord(_number, record.Position, record.NextPosition, id, record.Payload[IdBytes..]);
        }
    }

    public async IAsyncEnumerable<EventLogRecord> TailAsync(long fromPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // New records are read back from the page cache: a slow consumer then needs neither a buffer nor a limit of its own.
        long position = fromPosition;
        do
        {
            await foreach (var record in ReadAsync(position, cancellationToken))
            {
                position = record.NextPosition;
                yield return record;
            }
        }
        while (await _log.WaitForAppendAsync(position, cancellationToken));
    }

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    private static byte[] Frame(EventEntry entry)
    {
        byte[] frame = GC.AllocateUninitializedArray<byte>(IdBytes + entry.Payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame, entry.IdHash);
        entry.Payload.CopyTo(frame.AsMemory(IdBytes));
        return frame;
    }

    private async Task CommitAsync(List<ReadOnlyMemory<byte>> frames, List<ulong> ids, TaskCompletionSource<AppendResult> durable)
    {
        try
        {
            var result = await _log.AppendAsync(frames, CancellationToken.None);
            Settle(ids, result.Positions);
            durable.SetResult(result);
        }
        catch (Exception exception)
        {
            Settle(ids, positions: null);
            durable.SetException(exception);
        }
    }

    /// <summary>Ends the flight of ids: with their positions when they are durable, with null when they are not.</summary>
    private void Settle(List<ulong> inFlight, long[]? positions)
    {
        lock (_gate)
        {
            for (int i = 0; i < inFlight.Count; i++)
            {
                _inFlight.Remove(inFlight[i]);
                if (positions is not null)
                    _recent.Add(inFlight[i], positions[i]);
            }
        }
    }
}
