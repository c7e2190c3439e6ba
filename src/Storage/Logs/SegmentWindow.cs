namespace KgOrleans.Storage.Logs;

/// <summary>A part of a segment in memory, moved forward by whoever walks the records. Every move has an array of its own: slices stay intact.</summary>
/// <param name="medium">Where the segment is.</param>
/// <param name="segment">The segment.</param>
/// <param name="size">Bytes to read at a time.</param>
internal sealed class SegmentWindow(ILogMedium medium, LogManifest.Segment segment, int size)
{
    private byte[] _bytes = [];
    private long _start;

    public bool Contains(long position, int count) => position >= _start && position + count <= _start + _bytes.Length;

    public ReadOnlyMemory<byte> Slice(long position, int count) => _bytes.AsMemory((int)(position - _start), count);

    /// <summary>Moves to a position and reads at least <paramref name="count"/> bytes there, never past <paramref name="end"/>.</summary>
    public async ValueTask MoveAsync(long position, int count, long end, CancellationToken cancellationToken)
    {
        _bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(count, size), end - position));
        _start = position;
        await medium.ReadAsync(segment.Name, SegmentFormat.HeaderBytes + position - segment.First, _bytes, cancellationToken);
    }
}
