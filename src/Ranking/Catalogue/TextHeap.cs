using System.Text;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// Append-only UTF-8 texts of up to 255 bytes, one length byte each, in segments that never move: 10^7 ids cost no objects. One writer, any number of
/// readers.
/// </summary>
internal sealed unsafe class TextHeap(PartitionMemory memory)
{
    /// <summary>Longest text, in bytes.</summary>
    public const int LongestText = 255;

    private const int SegmentShift = 20;
    private const int MaxSegments = 1 << (32 - SegmentShift);

    private nint[] _segments = [];
    private int _used;

    /// <summary>Appends a text and returns its address. Writer only.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public uint Add(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestText)
            throw new ArgumentException($"a text of {text.Length} bytes, at most {LongestText} are kept", nameof(text));
        if (_segments.Length == 0 || _used + text.Length >= 1 << SegmentShift)
        {
            if (_segments.Length == MaxSegments)
                throw new InvalidOperationException("the texts of a partition are larger than 4 GB");
            Volatile.Write(ref _segments, [.. _segments, memory.Allocate(1 << SegmentShift)]);
            _used = 0;
        }
        var address = ((uint)(_segments.Length - 1) << SegmentShift) | (uint)_used;
        var to = (byte*)_segments[^1] + _used;
        to[0] = (byte)text.Length;
        text.CopyTo(new Span<byte>(to + 1, text.Length));
        _used += 1 + text.Length;
        return address;
    }

    /// <summary>The text at an address.</summary>
    public ReadOnlySpan<byte> this[uint address]
    {
        get
        {
            var at = (byte*)Volatile.Read(ref _segments)[address >> SegmentShift] + (address & ((1 << SegmentShift) - 1));
            return new ReadOnlySpan<byte>(at + 1, at[0]);
        }
    }

    /// <summary>The text at an address as a string.</summary>
    public string StringAt(uint address) => Encoding.UTF8.GetString(this[address]);

    /// <summary>Releases all memory.</summary>
    public void Retire()
    {
        foreach (var segment in _segments)
            memory.Retire(segment);
    }
}
