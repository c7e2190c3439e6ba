using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KgOrleans.Kernels;

/// <summary>Exact selection of the best scores with deterministic ties.</summary>
public static class TopK
{
    // Survivors are collected into a buffer several times k long, so that a quick-select of it, which raises the threshold, is paid once per 3k survivors.
    private const int BufferFactor = 4;
    private const int SmallestBuffer = 256;

    /// <summary>
    /// Picks the best <c>min(k, valid)</c> entries by score descending, then key ascending, then position ascending. Entries whose score is NaN are
    /// never picked; infinities are ordinary scores; -0 equals +0. The scratch memory is pooled.
    /// </summary>
    /// <param name="scores">The scores.</param>
    /// <param name="keys">One key a score: it breaks ties, so that the answer does not depend on the order in which entries are stored.</param>
    /// <param name="k">How many to pick, at least 1; may exceed the number of scores.</param>
    /// <param name="picked">Receives positions in <paramref name="scores"/>, best first; at least <c>min(k, scores.Length)</c> long.</param>
    /// <returns>How many were picked.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is not positive.</exception>
    /// <exception cref="ArgumentException">Keys and scores differ in length, or <paramref name="picked"/> is too short.</exception>
    public static int Select(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int k, Span<int> picked)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (keys.Length != scores.Length)
            throw new ArgumentException($"{keys.Length} keys for {scores.Length} scores.", nameof(keys));
        k = Math.Min(k, scores.Length);
        if (picked.Length < k)
            throw new ArgumentException($"{k} picks do not fit into {picked.Length}.", nameof(picked));
        if (k == 0)
            return 0;
        var capacity = (int)Math.Min(scores.Length, Math.Max((long)BufferFactor * k, SmallestBuffer));
        var buffer = ArrayPool<ulong>.Shared.Rent(capacity);
        try
        {
            var best = Collect(scores, keys, k, buffer.AsSpan(0, capacity));
            Sort(best, keys);
            for (var i = 0; i < best.Length; i++)
                picked[i] = Position(best[i]);
            return best.Length;
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(buffer);
        }
    }

    // Four vectors a step share one branch. Equal to the threshold survives (its key may be smaller); a comparison with NaN is false, so NaN never does.
    private static Span<ulong> Collect(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int k, Span<ulong> buffer)
    {
        ref var first = ref MemoryMarshal.GetReference(scores);
        var step = 4 * Vector<float>.Count;
        var count = 0;
        var threshold = float.NegativeInfinity;
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= scores.Length - 64; i += 64)
            {
                var bound = Vector512.Create(threshold);
                ref var block = ref Unsafe.Add(ref first, i);
                var m0 = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block), bound);
                var m1 = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 16), bound);
                var m2 = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 32), bound);
                var m3 = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 48), bound);
                if ((m0 | m1 | m2 | m3) == Vector512<float>.Zero)
                    continue;
                var mask = m0.ExtractMostSignificantBits() | (m1.ExtractMostSignificantBits() << 16)
                    | (m2.ExtractMostSignificantBits() << 32) | (m3.ExtractMostSignificantBits() << 48);
                for (; mask != 0; mask &= mask - 1)
                    Offer(scores, i + BitOperations.TrailingZeroCount(mask), keys, k, buffer, ref count, ref threshold);
            }
        }
        else if (Vector.IsHardwareAccelerated)
        {
            for (; i <= scores.Length - step; i += step)
            {
                var bound = new Vector<float>(threshold);
                ref var block = ref Unsafe.Add(ref first, i);
                var any = Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref block), bound)
                    | Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref block, (nuint)Vector<float>.Count), bound)
                    | Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref block, (nuint)(2 * Vector<float>.Count)), bound)
                    | Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref block, (nuint)(3 * Vector<float>.Count)), bound);
                if (any == Vector<int>.Zero)
                    continue;
                for (var j = i; j < i + step; j++)
                    Offer(scores, j, keys, k, buffer, ref count, ref threshold);
            }
        }
        for (; i < scores.Length; i++)
            Offer(scores, i, keys, k, buffer, ref count, ref threshold);
        if (count > k)
            KeepBest(buffer[..count], k, keys);
        return buffer[..Math.Min(count, k)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Offer(ReadOnlySpan<float> scores, int position, ReadOnlySpan<ulong> keys, int k, Span<ulong> buffer, ref int count, ref float threshold)
    {
        var score = scores[position];
        if (!(score >= threshold))
            return;
        if (count == buffer.Length)
        {
            threshold = KeepBest(buffer, k, keys);
            count = k;
            if (!(score >= threshold))
                return;
        }
        buffer[count++] = Pack(score, position);
    }

    // An entry is one integer that orders best first: the score's bits made monotone and inverted above, the position below.
    private static ulong Pack(float score, int position)
    {
        var bits = BitConverter.SingleToInt32Bits(score + 0f);
        var ascending = (uint)(bits ^ ((bits >> 31) | int.MinValue));
        return ((ulong)~ascending << 32) | (uint)position;
    }

    private static int Position(ulong entry) => (int)(uint)entry;

    private static float Score(ulong entry)
    {
        var ascending = (int)~(uint)(entry >> 32);
        return BitConverter.Int32BitsToSingle(ascending < 0 ? ascending ^ int.MinValue : ~ascending);
    }

    private static bool Before(ulong a, ulong b, ReadOnlySpan<ulong> keys)
    {
        if (a >> 32 != b >> 32)
            return a < b;
        var keyA = keys[Position(a)];
        var keyB = keys[Position(b)];
        return keyA != keyB ? keyA < keyB : a < b;
    }

    // Quick-select (Hoare's partition, median of three): the k best entries move to the front; returns the score of the worst of them.
    private static float KeepBest(Span<ulong> entries, int k, ReadOnlySpan<ulong> keys)
    {
        var low = 0;
        var high = entries.Length - 1;
        while (low < high)
        {
            var pivot = MedianOfThree(entries[low], entries[(int)(((uint)low + (uint)high) >> 1)], entries[high], keys);
            var i = low;
            var j = high;
            while (i <= j)
            {
                while (Before(entries[i], pivot, keys))
                    i++;
                while (Before(pivot, entries[j], keys))
                    j--;
                if (i > j)
                    break;
                (entries[i], entries[j]) = (entries[j], entries[i]);
                i++;
                j--;
            }
            if (k - 1 <= j)
                high = j;
            else if (k - 1 >= i)
                low = i;
            else
                break;
        }
        return Score(entries[k - 1]);
    }

    private static ulong MedianOfThree(ulong a, ulong b, ulong c, ReadOnlySpan<ulong> keys)
    {
        if (Before(b, a, keys))
            (a, b) = (b, a);
        if (Before(c, b, keys))
            b = Before(c, a, keys) ? a : c;
        return b;
    }

    // Sorting integers puts scores in order; runs of one score are then sorted by key, and runs of one key by position.
    private static void Sort(Span<ulong> entries, ReadOnlySpan<ulong> keys)
    {
        entries.Sort();
        for (var start = 0; start < entries.Length;)
        {
            var end = start + 1;
            while (end < entries.Length && entries[end] >> 32 == entries[start] >> 32)
                end++;
            if (end - start > 1)
                SortByKey(entries[start..end], keys);
            start = end;
        }
    }

    private static void SortByKey(Span<ulong> run, ReadOnlySpan<ulong> keys)
    {
        var rented = ArrayPool<ulong>.Shared.Rent(run.Length);
        var runKeys = rented.AsSpan(0, run.Length);
        for (var i = 0; i < run.Length; i++)
            runKeys[i] = keys[Position(run[i])];
        runKeys.Sort(run);
        for (var start = 0; start < run.Length;)
        {
            var end = start + 1;
            while (end < run.Length && runKeys[end] == runKeys[start])
                end++;
            run[start..end].Sort();
            start = end;
        }
        ArrayPool<ulong>.Shared.Return(rented);
    }
}
