using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Logs;

/// <summary>A log of segments on any medium. Reads go straight to the medium; appends go through one writer (SegmentedLog.Writer.cs).</summary>
internal sealed partial class SegmentedLog : IRecordLog
{
    // Below the large object heap's threshold, so that a reader's garbage dies young.
    private const int ReadWindowBytes = 64 << 10;

    // Most records (an item's document, an event) fit into one page: one read gives header and payload.
    private const int FirstReadBytes = 4 << 10;

    private readonly ILogMedium _medium;
    private readonly SegmentFormat _format;
    private volatile LogManifest _manifest;
    private long _end;
    private volatile bool _closed;
    private TaskCompletionSource _grown = NewSignal();

    private SegmentedLog(string name, ILogMedium medium, ILogger logger, OpenedLog opened)
    {
        Name = name;
        _medium = medium;
        _logger = logger;
        _format = opened.Format;
        _manifest = opened.Manifest;
        _tag = opened.Tag;
        _active = opened.Active;
        _end = opened.End;
        _queue = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(MaxQueuedAppends) { SingleReader = true });
        _writer = Task.Run(WriteAsync);
    }

    public string Name { get; }

    public Guid Id => _format.Id;

    public long Epoch => _manifest.Epoch;

    public string? Failure => _failure?.Message;

    public long FirstPosition => _manifest.FirstPosition;

    public bool IsWhole => !_manifest.IsTrimmed;

    public long EndPosition => Volatile.Read(ref _end);

    /// <summary>Takes a log over, creating it when absent. The log owns the medium from here on, also when opening fails.</summary>
    public static async Task<SegmentedLog> OpenAsync(string name, ILogMedium medium, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            var opening = new LogOpening(medium, logger);
            var opened = await opening.RunAsync(cancellationToken);
            await opening.ClearAsync(opened.Manifest, cancellationToken);
            return new SegmentedLog(name, medium, logger, opened);
        }
        catch
        {
            await medium.DisposeAsync();
            throw;
        }
    }

    public async IAsyncEnumerable<LogRecord> ReadAsync(long fromPosition = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long end = EndPosition;
        long position = fromPosition == 0 ? FirstPosition : fromPosition;
        if (position < FirstPosition || position > end)
            throw OutOfRange(nameof(fromPosition), fromPosition, end);
        var reader = new SegmentReader(ReadWindowBytes);
        while (position < end)
        {
            var record = await ReadAsync(reader, position, end, cancellationToken);
            yield return new LogRecord(position, record[SegmentFormat.RecordHeaderBytes..], position + record.Length);
            position += record.Length;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadAtAsync(long position, CancellationToken cancellationToken = default)
    {
        long end = EndPosition;
        if (position < FirstPosition || position > end - SegmentFormat.RecordHeaderBytes)
            throw OutOfRange(nameof(position), position, end);
        return (await ReadAsync(new SegmentReader(FirstReadBytes), position, end, cancellationToken))[SegmentFormat.RecordHeaderBytes..];
    }

    public async ValueTask<bool> WaitForAppendAsync(long position, CancellationToken cancellationToken = default)
    {
        position = Math.Max(position, FirstPosition);
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

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The segment that holds a position, or starts at it.</summary>
    private LogManifest.Segment SegmentAt(long position)
    {
        var segments = _manifest.Segments;
        for (int i = segments.Count - 1; i >= 0; i--)
        {
            if (segments[i].First <= position)
                return segments[i];
        }
        throw OutOfRange(nameof(position), position, EndPosition);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(SegmentReader reader, long position, long end, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (segment, window) = reader.At(position) ?? reader.MoveTo(_medium, SegmentAt(position));
            try
            {
                return await ReadAsync(window, segment, position, Math.Min(segment.End ?? end, end), cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested && !_manifest.Segments.Contains(segment))
            {
                // The log was opened again meanwhile, or the segment has ended: the record is where the manifest says now. Trimmed, it is nowhere.
                reader.MoveTo(_medium, SegmentAt(position));
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        SegmentWindow window, LogManifest.Segment segment, long position, long end, CancellationToken cancellationToken)
    {
        if (end - position < SegmentFormat.RecordHeaderBytes)
            throw NoRecord(segment, position);
        if (!window.Contains(position, SegmentFormat.RecordHeaderBytes))
            await window.MoveAsync(position, SegmentFormat.RecordHeaderBytes, end, cancellationToken);
        uint payload = SegmentFormat.ReadLength(window.Slice(position, SegmentFormat.RecordHeaderBytes).Span);
        if (payload > LogLimits.MaxRecordBytes || end - position < SegmentFormat.RecordHeaderBytes + payload)
            throw NoRecord(segment, position);
        int size = SegmentFormat.RecordHeaderBytes + (int)payload;
        if (!window.Contains(position, size))
            await window.MoveAsync(position, size, end, cancellationToken);
        var record = window.Slice(position, size);
        return _format.IsValid(position, record.Span) ? record : throw NoRecord(segment, position);
    }

    private LogCorruptException NoRecord(LogManifest.Segment segment, long position) =>
        new(_medium.Describe(segment.Name), position, "no record starts at this position, or the record there is damaged.");

    private ArgumentOutOfRangeException OutOfRange(string parameter, long position, long end) =>
        new(parameter, position, $"Log {_medium.Describe(null)} holds records between {FirstPosition} and {end}.");
}
