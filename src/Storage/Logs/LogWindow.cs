using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>A part of a log file in memory, moved forward by whoever walks the records. One array serves every move.</summary>
/// <param name="handle">The open file.</param>
/// <param name="size">Bytes to read at a time.</param>
internal sealed class LogWindow(SafeFileHandle handle, int size)
{
    private byte[] _bytes = [];
    private long _start;
    private int _length;

    public bool Contains(long position, int count) => position >= _start && position + count <= _start + _length;

    public ReadOnlySpan<byte> Span(long position, int count) => _bytes.AsSpan((int)(position - _start), count);

    /// <summary>Moves to a position and reads at least <paramref name="count"/> bytes there, never past <paramref name="end"/>.</summary>
    public void Move(long position, int count, long end)
    {
        int wanted = (int)Math.Min(Math.Max(count, size), end - position);
        if (_bytes.Length < wanted)
            _bytes = GC.AllocateUninitializedArray<byte>(wanted);
        _start = position;
        for (_length = 0; _length < wanted;)
        {
            int read = RandomAccess.Read(handle, _bytes.AsSpan(_length, wanted - _length), _start + _length);
            if (read == 0)
                throw new EndOfStreamException($"The file ends at {_start + _length}, before the end of the log: it was shortened while open.");
            _length += read;
        }
    }
}
