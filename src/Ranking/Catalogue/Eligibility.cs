using System.Numerics;
using KgOrleans.Ranking.Filters;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Which live works may be recommended: own world, visible, in time, not seen, not blocked, matching the filter.</summary>
internal static class Eligibility
{
    public static bool Has(ReadOnlySpan<ulong> bits, int row) => (bits[row >> 6] >> (row & 63) & 1) != 0;

    /// <summary>Sets the bit of every eligible row.</summary>
    /// <param name="view">View.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="bits">Destination, at least as long as the view's bitmap of live rows.</param>
    public static EligibilityCounts Mark(PartitionView view, in RecallRequest request, Span<ulong> bits)
    {
        var counts = new EligibilityCounts { Live = view.LiveCount };
        view.Live.AsSpan().CopyTo(bits);
        for (var word = 0; word < view.Live.Length; word++)
        {
            for (var rest = view.Live[word]; rest != 0; rest &= rest - 1)
            {
                var row = (word << 6) + BitOperations.TrailingZeroCount(rest);
                var chunk = view.Chunk(row);
                var r = row % PartitionChunk.Rows;
                if (chunk.Worlds[r] != request.World)
                    counts.OtherWorld++;
                else if (chunk.Hidden[r])
                    counts.Hidden++;
                else if (chunk.ExpiresAt[r] <= request.Now)
                    counts.Expired++;
                else if (chunk.PublishedAt[r] > request.Now || (chunk.PublishedAt[r] < request.OldestPublishedAt && chunk.PublishedAt[r] != long.MinValue))
                    counts.Age++;
                else
                    continue;
                Clear(bits, row);
            }
        }
        foreach (var key in request.ExcludedItems)
        {
            var row = view.Find(key);
            if (row >= 0 && Clear(bits, row))
                counts.Excluded++;
        }
        foreach (var creator in request.ExcludedCreators)
        {
            foreach (var row in view.Indexes.Creators.Rows(creator, view.RowCount))
            {
                if (Clear(bits, row))
                    counts.Blocked++;
            }
        }
        for (var word = 0; word < view.Live.Length; word++)
        {
            if (request.Filter is { } filter)
            {
                for (var rest = bits[word]; rest != 0; rest &= rest - 1)
                {
                    var row = (word << 6) + BitOperations.TrailingZeroCount(rest);
                    var chunk = view.Chunk(row);
                    var r = row % PartitionChunk.Rows;
                    if (!filter.Matches(new FilterRow(ref chunk.Items[r], chunk.Tags[r])) && Clear(bits, row))
                        counts.Filtered++;
                }
            }
            counts.Eligible += BitOperations.PopCount(bits[word]);
        }
        return counts;
    }

    private static bool Clear(Span<ulong> bits, int row)
    {
        var bit = 1UL << (row & 63);
        if ((bits[row >> 6] & bit) == 0)
            return false;
        bits[row >> 6] &= ~bit;
        return true;
    }
}
