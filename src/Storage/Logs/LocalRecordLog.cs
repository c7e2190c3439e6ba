using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>A log in one local file. Reads go straight to the file; appends go through one writer thread (LocalRecordLog.Writer.cs).</summary>
internal sealed partial class LocalRecordLog : IRecordLog
{
    // Below the large object heap's threshold, so that a reader's garbage dies young.
    private const int ReadWindowBytes = 64 << 10;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly LocalLogFormat _format;
    private long _end;
    private volatile bool _closed;
    private TaskCompletionSource _grown = NewSignal();

    public LocalRecordLog(string name, string path, SafeFileHandle handle, LocalLogScan scan, Action<SafeFileHandle> flush)
    {
        Name = name;
        _path = path;
        _handle = handle;
        _format = scan.Format;
        _end = scan.End;
        _flush = flush;
        Mark(_end);
        _queue = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(MaxQueuedAppends) { SingleReader = true });
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = $"log {name}" };
        _writer.Start();
    }

    public string Name { get; }

    public Guid Id => _format.Id;

    public string? Failure => _failure?.Message;

    public long EndPosition => Volatile.Read(ref _end);

    public async IAsyncEnumerable<LogRecord> ReadAsync(long fromPosition = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long end = EndPosition;
        long position = fromPosition == 0 ? _format.FirstPosition : fromPosition;
        if (position < _format.FirstPosition || position > end)
            throw OutOfRange(nameof(fromPosition), fromPosition, end);

        var window = new LogWindow(_handle, ReadWindowBytes, reuse: false);
        while (position < end)
        {
            if (end - position < LocalLogFormat.RecordHeaderBytes)
                throw NoRecord(position);
            if (!window.Contains(position, LocalLogFormat.RecordHeaderBytes))
                await window.MoveAsync(position, LocalLogFormat.RecordHeaderBytes, end, cancellationToken);
            int size = SizeOf(window.Span(position, LocalLogFormat.RecordHeaderBytes), position, end);
            if (!window.Contains(position, size))
                await window.MoveAsync(position, size, end, cancellationToken);
            if (!_format.IsValid(position, window.Span(position, size)))
                throw NoRecord(position);
            yield return new LogRecord(position, window.Slice(position, size)[LocalLogFormat.RecordHeaderBytes..], position + size);
            position += size;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadAtAsync(long position, CancellationToken cancellationToken = default)
    {
        // Most records (an item's document, an event) fit into one page: one read gives header and payload.
        const int FirstReadBytes = 4 << 10;
        long end = EndPosition;
        if (position < _format.FirstPosition || position > end - LocalLogFormat.RecordHeaderBytes)
            throw OutOfRange(nameof(position), position, end);

        var window = new LogWindow(_handle, FirstReadBytes, reuse: false);
        await window.MoveAsync(position, LocalLogFormat.RecordHeaderBytes, end, cancellationToken);
        int size = SizeOf(window.Span(position, LocalLogFormat.RecordHeaderBytes), position, end);
        if (!window.Contains(position, size))
            await window.MoveAsync(position, size, end, cancellationToken);
        if (!_format.IsValid(position, window.Span(position, size)))
            throw NoRecord(position);
        return window.Slice(position, size)[LocalLogFormat.RecordHeaderBytes..];
    }

    public async ValueTask<bool> WaitForAppendAsync(long position, CancellationToken cancellationToken = default)
    {
        position = Math.Max(position, _format.FirstPosition);
        while (true)
        {
            // The signal is taken before the end is read: a commit in between completes the signal taken.
            var grown = Volatile.Read(ref _grown).Task;
            if (EndPosition > position)
                return true;
            if (_closed)
                return false;
            await grown.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.Run(_writer.Join);
        _closed = true;
        Interlocked.Exchange(ref _grown, NewSignal()).TrySetResult();
        _handle.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int SizeOf(ReadOnlySpan<byte> header, long position, long end)
    {
        uint payload = LocalLogFormat.ReadLength(header);
        if (payload > LogLimits.MaxRecordBytes || end - position < LocalLogFormat.RecordHeaderBytes + payload)
            throw NoRecord(position);
        return LocalLogFormat.RecordHeaderBytes + (int)payload;
    }

    private LogCorruptException NoRecord(long position) =>
        new(_path, position, "no record starts at this position, or the record there is damaged.");

    private ArgumentOutOfRangeException OutOfRange(string parameter, long position, long end) =>
        new(parameter, position, $"Log {_path} holds records between {_format.FirstPosition} and {end}.");
}
