namespace KgOrleans.Ranking.Catalogue;

/// <summary>Live rows and counters as one view sees them.</summary>
internal readonly unsafe struct RowStatesView(nint[] states, int shift, int pageShift)
{
    private const int Header = NativePages.CacheLine;

    /// <summary>Bitmap of the live rows of a chunk.</summary>
    public ReadOnlySpan<ulong> Live(int chunk) => new(RowStates.Live(states[chunk]), 1 << (shift - 6));

    public bool IsLive(int row) => (RowStates.Live(states[row >> shift])[(row & ((1 << shift) - 1)) >> 6] >> row & 1) != 0;

    /// <summary>Counters of a row.</summary>
    public ItemCounters CountersOf(int row)
    {
        var place = row & ((1 << shift) - 1);
        var page = Page(row >> shift, place >> pageShift);
        return page.IsEmpty ? default : page[place & ((1 << pageShift) - 1)];
    }

    /// <summary>Rows of a page of counters.</summary>
    public int PageRows => 1 << pageShift;

    /// <summary>Version of a page of a chunk: it differs for every content that a view has seen; -1 for a page without any event.</summary>
    public long VersionOf(int chunk, int page)
    {
        var start = ((nint*)(states[chunk] + Header + (1 << (shift - 3))))[page];
        return start == 0 ? -1 : *(long*)start;
    }

    /// <summary>Counters of consecutive rows of a chunk; empty when all are zero.</summary>
    public ReadOnlySpan<ItemCounters> Page(int chunk, int page)
    {
        var start = ((nint*)(states[chunk] + Header + (1 << (shift - 3))))[page];
        return start == 0 ? [] : new ReadOnlySpan<ItemCounters>((void*)(start + Header), 1 << pageShift);
    }
}
