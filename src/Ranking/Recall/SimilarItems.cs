namespace KgOrleans.Ranking.Recall;

/// <summary>Sums the neighbours of what a user likes.</summary>
public static class SimilarItems
{
    /// <summary>Most items of a sum, the heaviest.</summary>
    public const int Most = 2_048;

    // Whole numbers add up to the same in any order, whatever the number of shards that answer.
    private const double Scale = 1L << 32;

    /// <summary>The sum, heaviest first, then by key.</summary>
    /// <param name="entries">Neighbours; <see cref="SimilarEntry.Source"/> is a place in <paramref name="weights"/>.</param>
    /// <param name="weights">What each of the user's items counts; negative for one that the user dislikes. At most 256.</param>
    public static SimilarItem[] Sum(IEnumerable<SimilarEntry> entries, ReadOnlySpan<float> weights)
    {
        var sums = new Dictionary<ulong, (long Weight, float Most, float Next, byte First, byte Second)>();
        foreach (var entry in entries)
        {
            ref var sum = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(sums, entry.Key, out var known);
            var (added, source) = (entry.Weight * weights[entry.Source], (byte)entry.Source);
            if (!known)
                (sum.First, sum.Second) = (source, source);
            if (added > sum.Most || (added == sum.Most && source < sum.First))
                (sum.Next, sum.Second, sum.Most, sum.First) = (sum.Most, known ? sum.First : source, added, source);
            else if (added > sum.Next || (added == sum.Next && source < sum.Second))
                (sum.Next, sum.Second) = (added, source);
            sum.Weight += (long)(added * Scale);
        }
        var items = sums.Where(s => s.Value.Weight > 0).Select(s => new SimilarItem(s.Key, (float)(s.Value.Weight / Scale), s.Value.First, s.Value.Second)).ToArray();
        Array.Sort(items, static (a, b) => a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.Key.CompareTo(b.Key));
        return items.Length <= Most ? items : items[..Most];
    }
}
