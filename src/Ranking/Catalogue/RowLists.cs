namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The lists of rows: symbols of the tags, of the communities and of the names of features, then the values of the features, behind one number that holds the
/// lengths. Address 0 stands for no list.
/// </summary>
internal readonly unsafe struct RowLists(IntHeap heap)
{
    private const int LengthBits = 12;
    private const int Longest = (1 << LengthBits) - 1;
    private const int MostFeatures = sbyte.MaxValue;

    /// <summary>Reserves a list. Writer only.</summary>
    /// <returns>Its address.</returns>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public uint Reserve(int tags, int communities, int features, out int* list)
    {
        list = null;
        if (tags + communities + features == 0)
            return 0;
        if (Math.Max(tags, communities) > Longest || features > MostFeatures)
            throw new ArgumentException($"{tags} tags, {communities} communities and {features} features are too many");
        var address = heap.Reserve(1 + tags + communities + (2 * features));
        list = heap.At(address) + 1;
        list[-1] = tags | (communities << LengthBits) | (features << (2 * LengthBits));
        return address;
    }

    /// <summary>Symbols of the tags.</summary>
    public ReadOnlySpan<int> Tags(uint address)
    {
        var list = At(address, out var tags, out _, out _);
        return new ReadOnlySpan<int>(list, tags);
    }

    /// <summary>Symbols of the communities.</summary>
    public ReadOnlySpan<int> Communities(uint address)
    {
        var list = At(address, out var tags, out var communities, out _);
        return new ReadOnlySpan<int>(list + tags, communities);
    }

    /// <summary>Symbols of the names of features.</summary>
    public ReadOnlySpan<int> Features(uint address)
    {
        var list = At(address, out var tags, out var communities, out var features);
        return new ReadOnlySpan<int>(list + tags + communities, features);
    }

    /// <summary>Values of the features.</summary>
    public ReadOnlySpan<float> FeatureValues(uint address)
    {
        var list = At(address, out var tags, out var communities, out var features);
        return new ReadOnlySpan<float>(list + tags + communities + features, features);
    }

    private int* At(uint address, out int tags, out int communities, out int features)
    {
        (tags, communities, features) = (0, 0, 0);
        if (address == 0)
            return null;
        var list = heap.At(address);
        (tags, communities, features) = (*list & Longest, (*list >> LengthBits) & Longest, *list >> (2 * LengthBits));
        return list + 1;
    }
}
