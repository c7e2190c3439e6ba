using System.Threading.Channels;

namespace KgOrleans.Storage.Logs;

/// <content>Group commit: whatever queues while one append to the medium runs shares the next one.</content>
internal sealed partial class SegmentedLog
{
    /// <summary>Appends that may wait; more wait for a place. Deep enough for every in-flight request of a silo, small enough to bound memory.</summary>
    private const int MaxQueuedAppends = 1024;

    /// <summary>A commit is started once this many bytes are gathered: longer ones add latency and no throughput.</summary>
    private const int MaxBatchBytes = 4 << 20;

    private const int InitialBufferBytes = 64 << 10;

    private readonly Channel<PendingAppend> _queue;
    private readonly Task _writer;
    private readonly List<PendingAppend> _batch = [];

    // Rolling and trimming both replace the manifest.
    private readonly SemaphoreSlim _manifestGate = new(1);
    private byte[] _buffer = new byte[InitialBufferBytes];
    private ILogSegment _active;
    private string _tag;
    private Task _sealing = Task.CompletedTask;
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
            throw new ObjectDisposedException($"Log {_medium.Describe(null)}");
        }
        return await pending.Task;
    }

    public async ValueTask TrimAsync(long before, CancellationToken cancellationToken = default)
    {
        await _manifestGate.WaitAsync(cancellationToken);
        try
        {
            if (_failure is { } failure)
                throw failure;
            var gone = _manifest.Segments.TakeWhile(s => s.End <= before).ToArray();
            if (gone.Length == 0)
                return;
            await ReplaceManifestAsync(_manifest with { Segments = [.. _manifest.Segments.Skip(gone.Length)], IsTrimmed = true });
            await _sealing;
            foreach (var segment in gone)
                await _medium.DeleteAsync(segment.Name, CancellationToken.None);
        }
        finally
        {
            _manifestGate.Release();
        }
    }

    /// <summary>Completes queued appends, ends the segment and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
        await _closing.CancelAsync();
        await _healing;
        _closed = true;
        Interlocked.Exchange(ref _grown, NewSignal()).TrySetResult();
        await _sealing;
        await _active.DisposeAsync();
        await _medium.DisposeAsync();
        _manifestGate.Dispose();
        _closing.Dispose();
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
        return checked((int)payload + records.Count * SegmentFormat.RecordHeaderBytes);
    }

    private async Task WriteAsync()
    {
        var reader = _queue.Reader;
        while (await reader.WaitToReadAsync())
        {
            if (_medium.Linger > TimeSpan.Zero)
                await Task.Delay(_medium.Linger);
            int bytes = 0;
            while (bytes < MaxBatchBytes && reader.TryRead(out var pending))
            {
                _batch.Add(pending);
                bytes += pending.Bytes;
            }
            if (_failure is null)
                await CommitAsync(bytes);
            else
                FailBatch(_failure);
            _batch.Clear();
            if (_buffer.Length > MaxBatchBytes)
                _buffer = new byte[InitialBufferBytes];
        }
    }

    private async Task CommitAsync(int bytes)
    {
        long end = _end;
        try
        {
            if (_active.IsFull || end - _manifest.Segments[^1].First >= _medium.SegmentBytes)
                await RollAsync();
            Encode(end, bytes);
            await _active.AppendAsync(SegmentFormat.HeaderBytes + end - _manifest.Segments[^1].First, _buffer.AsMemory(0, bytes), CancellationToken.None);
        }
        catch (Exception exception)
        {
            var failure = exception as StorageException ?? Final(exception);
            if (!failure.IsTransient && _failure is null)
                Stop(failure);
            FailBatch(failure);
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

    /// <summary>Ends the active segment and starts the next one.</summary>
    private async Task RollAsync()
    {
        await _manifestGate.WaitAsync();
        try
        {
            var ended = _manifest.Segments[^1] with { End = _end };
            string name = LogOpening.NameOf(_end, _manifest.Epoch);
            var next = await _medium.CreateAsync(name, _format.CreateHeader(_end), CancellationToken.None);
            try
            {
                await ReplaceManifestAsync(_manifest with { Segments = [.. _manifest.Segments.SkipLast(1), ended, new(name, _end, null)] });
            }
            catch
            {
                await next.DisposeAsync();
                throw;
            }
            await _active.DisposeAsync();
            _active = next;
            await _sealing;
            _sealing = _medium.SealedAsync(ended.Name, SegmentFormat.HeaderBytes + ended.End!.Value - ended.First, CancellationToken.None).AsTask();
        }
        finally
        {
            _manifestGate.Release();
        }
    }

    private async Task ReplaceManifestAsync(LogManifest manifest)
    {
        try
        {
            _tag = await _medium.WriteManifestAsync(manifest.ToBytes(), _tag, CancellationToken.None);
            _manifest = manifest;
        }
        catch (Exception exception) when (exception is not StorageException { IsTransient: true })
        {
            // Nobody knows which manifest is there now.
            var failure = exception as StorageException ?? Final(exception);
            Stop(failure);
            throw failure;
        }
    }

    private StorageException Final(Exception cause) =>
        new($"Log {_medium.Describe(null)} could not be written and is being opened again: {cause.Message}", isTransient: false, cause);

    // Only a fence is for good: everything else is healed, and nothing of the batch will be there.
    private void FailBatch(StorageException failure)
    {
        if (failure is { IsTransient: false } and not LogFencedException)
            failure = new StorageException(failure.Message, isTransient: true, failure);
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
