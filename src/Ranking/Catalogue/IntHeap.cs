namespace KgOrleans.Ranking.Catalogue;

/// <summary>Append-only runs of 32-bit numbers in segments that never move. No run has address 0. One writer, any number of readers.</summary>
internal sealed unsafe class IntHeap(PartitionMemory memory)
{
    // A segment is a huge page: the ends of thousands of lists are written at random.
    private const int SegmentShift = 19;

    // A cache line: keeps address 0 free.
    private const int FirstFree = 16;

    private nint[] _segments = [];
    private int _used;

    /// <summary>Reserves a run of zeros and returns its address. Writer only.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The run is longer than a segment.</exception>
    public uint Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (1 << SegmentShift) - FirstFree);
        if (_segments.Length == 0 || _used + count > 1 << SegmentShift)
        {
            if (_segments.Length == 1 << (32 - SegmentShift))
                throw new InvalidOperationException("the lists of a partition are larger than 16 GB");
            _used = _segments.Length == 0 ? FirstFree : 0;
            Volatile.Write(ref _segments, [.. _segments, memory.Allocate(sizeof(int) << SegmentShift, huge: _segments.Length > 0)]);
        }
        var address = ((uint)(_segments.Length - 1) << SegmentShift) | (uint)_used;
        _used += count;
        return address;
    }

    /// <summary>The run at an address.</summary>
    public int* At(uint address) => (int*)Volatile.Read(ref _segments)[address >> SegmentShift] + (address & ((1 << SegmentShift) - 1));

    /// <summary>Releases all memory.</summary>
    public void Retire()
    {
        foreach (var segment in _segments)
            memory.Retire(segment);
    }
}
