using System.Numerics;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// How many items have a tag, song or creator, over all shards: what an interest tells. Who asks for candidates weighs the interests by it, so that shards only
/// add up what they get, and the answer does not depend on how items are spread.
/// </summary>
/// <param name="items">Items of the catalogue.</param>
/// <param name="counts">Items of each tag, song or creator that is known.</param>
public sealed class ItemFrequencies(long items, IReadOnlyDictionary<(InterestField Field, ulong Key), long> counts)
{
    /// <summary>Items of a view that have each of some interests, after the number of all its items.</summary>
    /// <param name="view">View that the caller holds.</param>
    /// <param name="interests">Tags, songs and creators.</param>
    public static long[] CountIn(PartitionView view, ReadOnlySpan<RecallInterest> interests)
    {
        view.ThrowIfClosed();
        var counts = new long[interests.Length + 1];
        counts[0] = view.LiveCount;
        for (var i = 0; i < interests.Length; i++)
        {
            if (InterestSums.IndexOf(view, interests[i].Field) is { } index)
                counts[i + 1] = Count(view, index, index.Find(interests[i].Key));
        }
        GC.KeepAlive(view);
        return counts;
    }

    /// <summary>
    /// The strongest of a user's interests of one sort, weighed by the logarithm of 1 + items of the catalogue / items that have it. The sum of all weights
    /// stays what it was, so that tags, songs and creators keep their proportion.
    /// </summary>
    /// <param name="interests">The interests, strongest first.</param>
    /// <param name="field">Their sort.</param>
    /// <param name="most">How many are wanted.</param>
    public IReadOnlyList<WeightedInterest> Weigh(IReadOnlyList<WeightedInterest> interests, InterestField field, int most)
    {
        var (before, after) = (0d, 0d);
        var weights = new double[interests.Count];
        for (var i = 0; i < weights.Length; i++)
        {
            // One that is unknown, or that no item has any more, says nothing that could be weighed: it counts as one of a single item.
            var having = Math.Max(1, counts.GetValueOrDefault((field, interests[i].Key)));
            weights[i] = interests[i].Weight * Math.Log2(1 + ((double)items / having));
            before += interests[i].Weight;
            after += weights[i];
        }
        if (after <= 0)
            return interests;
        return [.. interests.Select((interest, i) => interest with { Weight = (float)(weights[i] * before / after) })
            .OrderByDescending(i => i.Weight).ThenBy(i => i.Id, StringComparer.Ordinal).Take(most)];
    }

    private static long Count(PartitionView view, SymbolIndex index, int symbol)
    {
        var count = 0L;
        if (index.Dense(symbol, view.RowCount, view.BitmapWords) is { } common)
        {
            var words = 1 << (view.ChunkShift - 6);
            for (var chunk = 0; chunk < view.ChunkCount; chunk++)
            {
                var live = view.States.Live(chunk);
                for (var word = 0; word < words; word++)
                    count += BitOperations.PopCount(live[word] & common[(chunk * words) + word]);
            }
            return count;
        }
        foreach (var rows in index.Rows(symbol, view.RowCount))
        {
            foreach (var row in rows)
                count += Eligibility.Has(view.States.Live(row >> view.ChunkShift), row & ((1 << view.ChunkShift) - 1)) ? 1 : 0;
        }
        return count;
    }
}
