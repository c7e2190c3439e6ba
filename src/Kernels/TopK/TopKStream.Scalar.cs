namespace KgOrleans.Kernels.TopK;

public sealed partial class TopKStream
{
    private void OfferScalar(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int firstRow, ReadOnlySpan<ulong> eligible)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] >= Threshold && (eligible.IsEmpty || (eligible[i >> 6] >> i & 1) != 0))
                Append(scores[i], firstRow + i, keys.IsEmpty ? 0 : keys[i]);
        }
    }

    private static int CountAtMostScalar(ReadOnlySpan<ulong> entries, ulong limit)
    {
        var count = 0;
        foreach (var entry in entries)
            count += entry <= limit ? 1 : 0;
        return count;
    }

    // Everything is written, the place moves on only for what stays: no branch depends on the data.
    private int CompactScalar(int from, int to, ulong limit)
    {
        for (var i = from; i < _count; i++)
        {
            var entry = _entries[i];
            _entries[to] = entry;
            _keys[to] = _keys[i];
            to += entry <= limit ? 1 : 0;
        }
        return to;
    }
}
