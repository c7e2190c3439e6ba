using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <content>
/// Group commit. Writes and flushes block, so they run on a thread of the log's own and never hold a pool thread; whatever queues while one flush runs
/// shares the next one.
/// </content>
internal sealed partial class LocalRecordLog
{
    /// <summary>Appends that may wait; more wait for a place. Deep enough for every in-flight request of a silo, small enough to bound memory.</summary>
    private const int MaxQueuedAppends = 1024;

    /// <summary>A flush is started once this many bytes are gathered: longer batches add latency and no throughput.</summary>
    private const int MaxBatchBytes = 4 << 20;

    private const int InitialBufferBytes = 64 << 10;

    private readonly Channel<PendingAppend> _queue;
    private readonly Thread _writer;
    private readonly Action<SafeFileHandle> _flush;
    private readonly List<PendingAppend> _batch = [];
    private byte[] _buffer = new byte[InitialBufferBytes];
    private readonly byte[] _mark = new byte[LocalLogFormat.MarkBytes];
    private int _markPlace;
    private volatile StorageException? _failure;

    public async ValueTask<AppendResult> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        int bytes = SizeOf(records);
        if (records.Count == 0)
            return new AppendResult([], EndPosition);
        var pending = new PendingAppend(records, bytes);
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException($"Log {_path}");
        }
        return await pending.Task;
    }

    private static int SizeOf(IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        long payload = 0;
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Length > LogLimits.MaxRecordBytes)
                throw new ArgumentException($"Record {i} has {records[i].Length} bytes; a record holds at most {LogLimits.MaxRecordBytes}.", nameof(records));
            payload += records[i].Length;
        }
        if (payload > LogLimits.MaxAppendBytes)
            throw new ArgumentException($"The append has {payload} bytes; one append holds at most {LogLimits.MaxAppendBytes}.", nameof(records));
        return checked((int)payload + records.Count * LocalLogFormat.RecordHeaderBytes);
    }

    private void WriteLoop()
    {
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            int bytes = 0;
            while (bytes < MaxBatchBytes && reader.TryRead(out var pending))
            {
                _batch.Add(pending);
                bytes += pending.Bytes;
            }
            if (_failure is null)
                Commit(bytes);
            else
                FailBatch(_failure);
            _batch.Clear();
            if (_buffer.Length > MaxBatchBytes)
                _buffer = new byte[InitialBufferBytes];
        }
    }

    private void Commit(int bytes)
    {
        long end = _end;
        try
        {
            Encode(end, bytes);
            RandomAccess.Write(_handle, _buffer.AsSpan(0, bytes), end);
        }
        catch (Exception exception)
        {
            // Nothing was flushed, so nothing can be lost unnoticed: what was written is cut off, and the next append may find space again.
            var failure = new StorageException($"Log {_path} could not be written: {exception.Message}", isTransient: true, exception);
            if (!TryDropUnflushed(end))
                _failure = Final(exception);
            FailBatch(_failure ?? failure);
            return;
        }
        try
        {
            _flush(_handle);
            Mark(end + bytes);
        }
        catch (Exception exception)
        {
            // After a failed flush the kernel may call lost pages clean: a second flush would succeed without having written them. So no retry.
            _failure = Final(exception);
            TryDropUnflushed(end);
            FailBatch(_failure);
            return;
        }
        Volatile.Write(ref _end, end + bytes);
        Interlocked.Exchange(ref _grown, NewSignal()).TrySetResult();
        foreach (var pending in _batch)
            pending.Complete();
    }

    private void Encode(long position, int bytes)
    {
        if (_buffer.Length < bytes)
            _buffer = GC.AllocateUninitializedArray<byte>(bytes);
        int offset = 0;
        foreach (var pending in _batch)
        {
            for (int i = 0; i < pending.Records.Count; i++)
            {
                pending.Positions[i] = position + offset;
                offset += _format.WriteRecord(_buffer.AsSpan(offset), position + offset, pending.Records[i].Span);
            }
            pending.EndPosition = position + offset;
        }
    }

    /// <summary>Notes where acknowledged records end. It is not flushed: the file's next flush carries it, and a killed process leaves it to the kernel.</summary>
    private void Mark(long end)
    {
        if (!_format.HasMarks)
            return;
        _format.WriteMark(_mark, end);
        RandomAccess.Write(_handle, _mark, LocalLogFormat.OffsetOfMark(_markPlace));
        _markPlace = 1 - _markPlace;
    }

    private StorageException Final(Exception cause) =>
        new($"Log {_path} could not be written and takes no more appends until it is reopened: {cause.Message}", isTransient: false, cause);

    /// <summary>Removes what a failed commit may have left, so that a reopened log does not show records whose appenders were told of a failure.</summary>
    private bool TryDropUnflushed(long end)
    {
        try
        {
            RandomAccess.SetLength(_handle, end);
            return true;
        }
        catch (Exception)
        {
            // Nothing may escape the writer thread. What could not be cut off is unacknowledged, and reopening cuts it if it is torn.
            return false;
        }
    }

    private void FailBatch(StorageException failure)
    {
        foreach (var pending in _batch)
            pending.Fail(failure);
    }

    private sealed class PendingAppend(IReadOnlyList<ReadOnlyMemory<byte>> records, int bytes)
    {
        private readonly TaskCompletionSource<AppendResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<ReadOnlyMemory<byte>> Records { get; } = records;

        public int Bytes { get; } = bytes;

        public long[] Positions { get; } = new long[records.Count];

        public long EndPosition { get; set; }

        public Task<AppendResult> Task => _completion.Task;

        public void Complete() => _completion.SetResult(new AppendResult(Positions, EndPosition));

        public void Fail(StorageException failure) => _completion.SetException(failure);
    }
}
