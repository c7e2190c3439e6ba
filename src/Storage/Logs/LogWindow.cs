using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>A part of a log file in memory, moved forward by whoever walks the records.</summary>
/// <param name="handle">The open file.</param>
/// <param name="size">Bytes to read at a time.</param>
/// <param name="reuse">Whether one array serves every move; false when slices are handed out and must stay intact.</param>
internal sealed class LogWindow(SafeFileHandle handle, int size, bool reuse)
{
    private byte[] _bytes = [];
    private long _start;
    private int _length;

    public bool Contains(long position, int count) => position >= _start && position + count <= _start + _length;

    public ReadOnlyMemory<byte> Slice(long position, int count) => _bytes.AsMemory((int)(position - _start), count);

    public ReadOnlySpan<byte> Span(long position, int count) => _bytes.AsSpan((int)(position - _start), count);

    /// <summary>Moves to a position and reads at least <paramref name="count"/> bytes there, never past <paramref name="end"/>.</summary>
    public void Move(long position, int count, long end)
    {
        var target = Prepare(position, count, end);
        while (target.Length > 0)
        {
            int read = RandomAccess.Read(handle, target.Span, _start + _length);
            target = Advance(target, read);
        }
    }

    /// <inheritdoc cref="Move"/>
    public async ValueTask MoveAsync(long position, int count, long end, CancellationToken cancellationToken)
    {
        var target = Prepare(position, count, end);
        while (target.Length > 0)
        {
            int read = await RandomAccess.ReadAsync(handle, target, _start + _length, cancellationToken);
            target = Advance(target, read);
        }
    }

    private Memory<byte> Prepare(long position, int count, long end)
    {
        int wanted = (int)Math.Min(Math.Max(count, size), end - position);
        if (!reuse || _bytes.Length < wanted)
            _bytes = GC.AllocateUninitializedArray<byte>(wanted);
        _start = position;
        _length = 0;
        return _bytes.AsMemory(0, wanted);
    }

    private Memory<byte> Advance(Memory<byte> target, int read)
    {
        if (read == 0)
            throw new EndOfStreamException($"The file ends at {_start + _length}, before the end of the log: it was shortened while open.");
        _length += read;
        return target[read..];
    }
}
