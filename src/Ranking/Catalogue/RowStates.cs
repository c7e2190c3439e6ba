namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// What changes about published rows: whether they live, and their counters. One piece per chunk holds the bitmap of live rows and the addresses of pages
/// of counters. Published pieces are never written: the first change after a publication copies the piece or the page that it falls into. Pages of rows
/// without any event do not exist.
/// </summary>
internal sealed unsafe class RowStates(PartitionMemory memory, int shift)
{
    private const int PageShiftMost = 8;

    // The epoch of the view that a piece or page was made for stands before its data.
    private const int Header = NativePages.CacheLine;

    private readonly int _pageShift = Math.Min(shift, PageShiftMost);
    private nint[] _states = [];
    private long _epoch;

    /// <summary>Chunks that have changed since the last snapshot.</summary>
    public HashSet<int> Touched { get; } = [];

    private int LiveBytes => 1 << (shift - 3);

    private int PageBytes => Header + (sizeof(ItemCounters) << _pageShift);

    /// <summary>Makes room for one more chunk.</summary>
    public void AddChunk()
    {
        _states = [.. _states, memory.Allocate(StateBytes)];
        *(long*)_states[^1] = _epoch;
        Touched.Add(_states.Length - 1);
    }

    /// <summary>The states for a view. Later changes make copies.</summary>
    public RowStatesView Snapshot()
    {
        _epoch++;
        Touched.Clear();
        return new RowStatesView((nint[])_states.Clone(), shift, _pageShift);
    }

    public bool IsLive(int row) => (Live(_states[row >> shift])[(row & ((1 << shift) - 1)) >> 6] >> row & 1) != 0;

    public void SetLive(int row, bool live)
    {
        ref var word = ref Live(Mutable(row >> shift))[(row & ((1 << shift) - 1)) >> 6];
        word = live ? word | (1UL << row) : word & ~(1UL << row);
    }

    /// <summary>Counters of a row for reading; zeros where no event was counted.</summary>
    public ItemCounters Read(int row) => new RowStatesView(_states, shift, _pageShift).CountersOf(row);

    /// <summary>Counters of a row for writing.</summary>
    public ref ItemCounters Write(int row)
    {
        var place = row & ((1 << shift) - 1);
        ref var page = ref Pages(Mutable(row >> shift))[place >> _pageShift];
        if (page == 0 || *(long*)page != _epoch)
        {
            var copy = memory.Allocate(PageBytes);
            if (page != 0)
                Buffer.MemoryCopy((void*)page, (void*)copy, PageBytes, PageBytes);
            *(long*)copy = _epoch;
            memory.Retire(page);
            page = copy;
        }
        return ref ((ItemCounters*)(page + Header))[place & ((1 << _pageShift) - 1)];
    }

    /// <summary>Releases all memory.</summary>
    public void Retire()
    {
        foreach (var state in _states)
        {
            for (var page = 0; page < 1 << (shift - _pageShift); page++)
                memory.Retire(Pages(state)[page]);
            memory.Retire(state);
        }
    }

    internal static ulong* Live(nint state) => (ulong*)(state + Header);

    private int StateBytes => Header + LiveBytes + (sizeof(nint) << (shift - _pageShift));

    private nint* Pages(nint state) => (nint*)(state + Header + LiveBytes);

    private nint Mutable(int chunk)
    {
        ref var state = ref _states[chunk];
        if (*(long*)state != _epoch)
        {
            Touched.Add(chunk);
            var copy = memory.Allocate(StateBytes);
            Buffer.MemoryCopy((void*)state, (void*)copy, StateBytes, StateBytes);
            *(long*)copy = _epoch;
            memory.Retire(state);
            state = copy;
        }
        return state;
    }
}
