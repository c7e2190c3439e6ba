namespace KgOrleans.Ranking.Catalogue;

/// <summary>The lists of rows: symbols of the tags, then of the communities, behind one number that holds both lengths. Address 0 stands for no list.</summary>
internal readonly unsafe struct RowLists(IntHeap heap)
{
    /// <summary>Reserves a list. Writer only.</summary>
    /// <returns>Its address.</returns>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public uint Reserve(int tags, int communities, out int* list)
    {
        list = null;
        if (tags + communities == 0)
            return 0;
        if (Math.Max(tags, communities) > short.MaxValue)
            throw new ArgumentException($"{tags} tags and {communities} communities are too many");
        var address = heap.Reserve(1 + tags + communities);
        list = heap.At(address) + 1;
        list[-1] = tags | (communities << 16);
        return address;
    }

    /// <summary>Symbols of the tags.</summary>
    public ReadOnlySpan<int> Tags(uint address)
    {
        var list = At(address, out var tags, out _);
        return new ReadOnlySpan<int>(list, tags);
    }

    /// <summary>Symbols of the communities.</summary>
    public ReadOnlySpan<int> Communities(uint address)
    {
        var list = At(address, out var tags, out var communities);
        return new ReadOnlySpan<int>(list + tags, communities);
    }

    private int* At(uint address, out int tags, out int communities)
    {
        (tags, communities) = (0, 0);
        if (address == 0)
            return null;
        var list = heap.At(address);
        (tags, communities) = (*list & 0xFFFF, *list >> 16);
        return list + 1;
    }
}
