using System.Numerics;

namespace KgOrleans.Kernels.TopK;

/// <summary>Dropping all but the best k, and their final order.</summary>
public sealed partial class TopKStream
{
    // The rank of the k-th entry by bisection of the range of ranks: each step counts the whole buffer without a branch, at most 32 steps.
    private void KeepBest()
    {
        var entries = _entries.AsSpan(0, _count);
        var (best, worst) = Range(entries);
        while (best < worst)
        {
            var middle = best + ((worst - best) >> 1);
            if (CountAtMost(entries, WholeRank(middle)) >= K)
                worst = middle;
            else
                best = middle + 1;
        }
        _count = Compact(WholeRank(best));
        if (_count > K)
            DropTies(best);
        Threshold = Score(best);
    }

    // Every entry of a rank is at most this one.
    private static ulong WholeRank(uint rank) => ((ulong)rank << 32) | uint.MaxValue;

    // More entries share the k-th score than there is room for: those with the largest keys go, then those with the largest rows.
    private void DropTies(uint rank)
    {
        var better = 0;
        for (var i = 0; i < _count; i++)
        {
            if ((uint)(_entries[i] >> 32) < rank)
            {
                (_entries[i], _entries[better]) = (_entries[better], _entries[i]);
                (_keys[i], _keys[better]) = (_keys[better], _keys[i]);
                better++;
            }
        }
        SortByKey(better, _count);
        _count = K;
    }

    private void SortByKey(int from, int to)
    {
        var keys = _keys.AsSpan(from, to - from);
        var entries = _entries.AsSpan(from, to - from);
        keys.Sort(entries);
        for (var start = 0; start < keys.Length;)
        {
            var end = start + 1;
            while (end < keys.Length && keys[end] == keys[start])
                end++;
            if (end - start > 1)
                entries[start..end].Sort();
            start = end;
        }
    }

    private void Sort()
    {
        _entries.AsSpan(0, _count).Sort(_keys.AsSpan(0, _count));
        for (var start = 0; start < _count;)
        {
            var end = start + 1;
            while (end < _count && _entries[end] >> 32 == _entries[start] >> 32)
                end++;
            if (end - start > 1)
                SortByKey(start, end);
            start = end;
        }
    }

    // The least and the greatest rank.
    private static (uint Best, uint Worst) Range(ReadOnlySpan<ulong> entries)
    {
        var (low, high) = (ulong.MaxValue, 0UL);
        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var (lows, highs) = (new Vector<ulong>(ulong.MaxValue), Vector<ulong>.Zero);
            for (; i <= entries.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            {
                var block = new Vector<ulong>(entries[i..]);
                lows = Vector.Min(lows, block);
                highs = Vector.Max(highs, block);
            }
            for (var lane = 0; lane < Vector<ulong>.Count; lane++)
                (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
        }
        for (; i < entries.Length; i++)
            (low, high) = (Math.Min(low, entries[i]), Math.Max(high, entries[i]));
        return ((uint)(low >> 32), (uint)(high >> 32));
    }

    private static int CountAtMost(ReadOnlySpan<ulong> entries, ulong limit)
    {
        if (!Vector.IsHardwareAccelerated)
            return CountAtMostScalar(entries, limit);
        var bound = new Vector<ulong>(limit);
        var counts = Vector<ulong>.Zero;
        var i = 0;
        for (; i <= entries.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            counts -= Vector.LessThanOrEqual(new Vector<ulong>(entries[i..]), bound);
        return (int)Vector.Sum(counts) + CountAtMostScalar(entries[i..], limit);
    }
}
