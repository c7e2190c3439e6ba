using KgOrleans.Ranking.Neighbours;

namespace KgOrleans.Ranking.Recall;

/// <summary>Sums the neighbours of what a user likes.</summary>
/// <remarks>
/// Lists are bounded, so an item may be missing in the list of a much liked item that is in its own. Each pair counts with the larger of the two weights. Sums go
/// through the user's items in their order: they do not depend on the order of the entries, nor on the number of shards.
/// </remarks>
public static class SimilarItems
{
    /// <summary>Most items of a user's sum, the heaviest.</summary>
    public const int Most = 2_048;

    /// <summary>Most items that a user's sum is made from.</summary>
    public const int MostSources = 128;

    private const int MaybeMask = 1_023;

    /// <summary>The sums of the items of one shard, in no order; those at 0 and below are left out.</summary>
    /// <param name="entries">Neighbours whose <see cref="SimilarEntry.Source"/> is a place in <paramref name="sources"/>.</param>
    /// <param name="sources">The user's items, at most <see cref="MostSources"/>.</param>
    /// <param name="read">Reads the neighbours of an item of the shard.</param>
    public static List<SimilarItem> Sum(ReadOnlySpan<SimilarEntry> entries, ReadOnlySpan<SimilarSource> sources, ReadNeighbours read)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sources.Length, MostSources);
        var places = new Dictionary<ulong, int>();
        // Most neighbours are none of the user's items: a bit tells most of these apart, which costs less than a look-up.
        Span<bool> maybe = stackalloc bool[MaybeMask + 1];
        maybe.Clear();
        for (var i = 0; i < sources.Length; i++)
        {
            places.TryAdd(sources[i].Key, i);
            maybe[MaybeOf(sources[i].Key)] = true;
        }
        var sorted = entries.ToArray();
        Array.Sort(sorted, static (a, b) => a.Key.CompareTo(b.Key));
        var items = new List<SimilarItem>();
        Span<float> pairs = stackalloc float[sources.Length];
        Span<Neighbour> neighbours = stackalloc Neighbour[NeighbourTable.MostNeighbours];
        for (var first = 0; first < sorted.Length;)
        {
            var key = sorted[first].Key;
            pairs.Clear();
            for (; first < sorted.Length && sorted[first].Key == key; first++)
                pairs[sorted[first].Source] = sorted[first].Weight;
            foreach (var own in neighbours[..read(key, neighbours)])
            {
                if (maybe[MaybeOf(own.Key)] && places.TryGetValue(own.Key, out var place))
                    pairs[place] = Math.Max(pairs[place], own.Weight);
            }
            if (SumOf(key, pairs, sources) is { Weight: > 0 } item)
                items.Add(item);
        }
        return items;
    }

    /// <summary>The heaviest of the sums of all shards, heaviest first, then by key.</summary>
    public static SimilarItem[] Heaviest(List<SimilarItem> items)
    {
        items.Sort(static (a, b) => a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.Key.CompareTo(b.Key));
        return [.. items.Take(Most)];
    }

    // The lowest bits tell the shard, which many of the items may share.
    private static int MaybeOf(ulong key) => (int)(key >> 16) & MaybeMask;

    private static SimilarItem SumOf(ulong key, ReadOnlySpan<float> pairs, ReadOnlySpan<SimilarSource> sources)
    {
        var (sum, most, next, first, second) = (0f, float.NegativeInfinity, float.NegativeInfinity, 0, 0);
        for (var i = 0; i < pairs.Length; i++)
        {
            if (pairs[i] == 0)
                continue;
            var added = pairs[i] * sources[i].Share * sources[i].Weight;
            sum += added;
            if (added > most)
                (next, second, most, first) = (most, first, added, i);
            else if (added > next)
                (next, second) = (added, i);
        }
        return new SimilarItem(key, sum, (byte)first, (byte)(next > 0 ? second : first));
    }
}
