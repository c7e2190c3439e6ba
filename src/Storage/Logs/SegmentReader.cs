namespace KgOrleans.Storage.Logs;

/// <summary>The segment that a walk over a log is in, and the part of it that is in memory.</summary>
/// <param name="windowBytes">Bytes to read at a time.</param>
internal sealed class SegmentReader(int windowBytes)
{
    private (LogManifest.Segment Segment, SegmentWindow Window)? _current;

    /// <summary>The current segment if it holds a position as far as it was known to reach; null when another one is to be found.</summary>
    public (LogManifest.Segment Segment, SegmentWindow Window)? At(long position) =>
        _current is { } current && !(position >= current.Segment.End) ? current : null;

    /// <summary>Goes to a segment.</summary>
    public (LogManifest.Segment Segment, SegmentWindow Window) MoveTo(ILogMedium medium, LogManifest.Segment segment)
    {
        var moved = (segment, new SegmentWindow(medium, segment, windowBytes));
        _current = moved;
        return moved;
    }
}
