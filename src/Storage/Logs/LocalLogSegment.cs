using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>The segment that this process appends to: a file that it made itself.</summary>
/// <param name="medium">The log's directory.</param>
/// <param name="path">The file.</param>
/// <param name="handle">Open for writing.</param>
/// <param name="format">Format of the log.</param>
internal sealed class LocalLogSegment(LocalLogMedium medium, string path, SafeFileHandle handle, SegmentFormat format) : ILogSegment
{
    private readonly byte[] _mark = new byte[SegmentFormat.MarkBytes];
    private int _markPlace;

    public bool IsFull => false;

    public async ValueTask AppendAsync(long offset, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await medium.RunAsync(() => Append(offset, content.Span));

    public ValueTask DisposeAsync()
    {
        handle.Dispose();
        return ValueTask.CompletedTask;
    }

    private bool Append(long offset, ReadOnlySpan<byte> content)
    {
        try
        {
            RandomAccess.Write(handle, content, offset);
        }
        catch (Exception exception)
        {
            // Nothing was flushed, so nothing can be lost unnoticed: what was written is cut off, and the next append may find space again.
            throw TryDrop(offset)
                ? new StorageException($"Log {path} could not be written: {exception.Message}", isTransient: true, exception)
                : Final(exception);
        }
        try
        {
            medium.Flush(handle);
            medium.RequireOwn();
            Mark(offset + content.Length);
            return true;
        }
        catch (Exception exception) when (exception is not LogFencedException)
        {
            // After a failed flush the kernel may call lost pages clean: a second flush would succeed without having written them. So no retry.
            TryDrop(offset);
            throw Final(exception);
        }
    }

    /// <summary>Notes where acknowledged records end. It is not flushed: the file's next flush carries it, and a killed process leaves it to the kernel.</summary>
    private void Mark(long end)
    {
        format.WriteMark(_mark, end);
        RandomAccess.Write(handle, _mark, SegmentFormat.OffsetOfMark(_markPlace));
        _markPlace = 1 - _markPlace;
    }

    /// <summary>
    /// Removes what a failed append may have left, so that a reopened log does not show records whose appenders were told of a failure. Not when another
    /// writer has the log: it may have found those records.
    /// </summary>
    private bool TryDrop(long end)
    {
        try
        {
            return medium.UnderLock(() =>
            {
                medium.RequireOwn();
                RandomAccess.SetLength(handle, end);
                return true;
            });
        }
        catch (Exception)
        {
            // What could not be cut off is unacknowledged, and whoever opens the log next leaves it out if it is torn.
            return false;
        }
    }

    private StorageException Final(Exception cause) =>
        new($"Log {path} could not be written and must be opened again: {cause.Message}", isTransient: false, cause);
}
