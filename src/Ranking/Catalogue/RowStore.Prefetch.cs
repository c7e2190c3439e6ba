using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Prefetching: a row is two dozen cache lines.</summary>
internal sealed unsafe partial class RowStore
{
    /// <summary>Prefetches the slot of a key that is looked up soon.</summary>
    public void PrefetchKey(ulong key) => _map.Prefetch(key);

    /// <summary>Prefetches the slots that appending an item reads.</summary>
    public void Prefetch(ulong key, ulong creator, ulong song)
    {
        _map.Prefetch(key);
        Indexes.Creators.Prefetch(creator);
        Indexes.Songs.Prefetch(song);
    }

    /// <summary>Prefetches the columns of a row that <see cref="RowReader"/> reads soon: each is a cache line of its own.</summary>
    public void PrefetchColumns(int row)
    {
        if (!Sse.IsSupported)
            return;
        var (columns, place) = (Columns(row), Place(row));
        Sse.Prefetch0(columns.Keys + place);
        Sse.Prefetch0(columns.PublishedAt + place);
        Sse.Prefetch0(columns.Creators + place);
        Sse.Prefetch0(columns.Songs + place);
        Sse.Prefetch0(columns.Regions + place);
        Sse.Prefetch0(columns.Languages + place);
        Sse.Prefetch0(columns.Tones + place);
        Sse.Prefetch0(columns.Ids + place);
        Sse.Prefetch0(columns.Lists + place);
        Sse.Prefetch0(columns.Durations + place);
        Sse.Prefetch0(columns.Qualities + place);
        Sse.Prefetch0(columns.Kinds + place);
        Sse.Prefetch0(columns.Flags + place);
        if (Layout.ContentDimension == 0)
            return;
        Sse.Prefetch0(columns.ContentScales + place);
        Sse.Prefetch0((sbyte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(columns.ContentCodesOf(place))));
        Sse.Prefetch0((sbyte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(columns.ContentResidualsOf(place))));
    }

    /// <summary>Prefetches what the columns of a row point to, when the columns are in the cache.</summary>
    public void PrefetchNamed(int row)
    {
        if (!Sse.IsSupported)
            return;
        var (columns, place) = (Columns(row), Place(row));
        Sse.Prefetch0((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Text[columns.Ids[place]])));
        if (columns.Lists[place] is > 0 and var list)
            Sse.Prefetch0(_lists.At(list));
        Indexes.Creators.PrefetchEntry(columns.Creators[place]);
        Indexes.Songs.PrefetchEntry(columns.Songs[place]);
    }
}
