namespace KgOrleans.Kernels.TopK;

/// <summary>Merging of lists that are each sorted by score descending, then key ascending.</summary>
public static class SortedMerge
{
    /// <summary>Merges the best k of sorted lists that lie one after the other: score descending, then key ascending, then the earlier list.</summary>
    /// <param name="scores">Scores of all lists, none NaN.</param>
    /// <param name="keys">Keys of all lists.</param>
    /// <param name="ends">Where each list ends, ascending, the last at the end of the scores; empty lists are allowed.</param>
    /// <param name="heap">Scratch: one place a list.</param>
    /// <param name="picked">Receives positions in <paramref name="scores"/>, best first; its length is k.</param>
    /// <returns>How many were picked: k, or all when there are fewer.</returns>
    /// <exception cref="ArgumentException">Lengths do not match, or the ends do not ascend to the end of the scores.</exception>
    public static int Best(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, ReadOnlySpan<int> ends, Span<long> heap, Span<int> picked)
    {
        if (keys.Length != scores.Length)
            throw new ArgumentException($"{keys.Length} keys for {scores.Length} scores.", nameof(keys));
        if (heap.Length < ends.Length)
            throw new ArgumentException($"{ends.Length} lists need as many places, not {heap.Length}.", nameof(heap));
        var open = 0;
        var start = 0;
        for (var list = 0; list < ends.Length; list++)
        {
            if (ends[list] < start || ends[list] > scores.Length)
                throw new ArgumentException($"List {list} ends at {ends[list]}: the ends ascend, up to {scores.Length}.", nameof(ends));
            if (ends[list] > start)
                heap[open++] = Head(list, start);
            start = ends[list];
        }
        if (start != scores.Length)
            throw new ArgumentException($"The lists end at {start}, the scores at {scores.Length}.", nameof(ends));

        for (var i = (open / 2) - 1; i >= 0; i--)
            Sift(heap[..open], i, scores, keys);
        var count = 0;
        while (count < picked.Length && open > 0)
        {
            var position = (int)heap[0];
            var list = (int)(heap[0] >> 32);
            picked[count++] = position;
            heap[0] = position + 1 < ends[list] ? Head(list, position + 1) : heap[--open];
            Sift(heap[..open], 0, scores, keys);
        }
        return count;
    }

    private static long Head(int list, int position) => ((long)list << 32) | (uint)position;

    private static bool Before(long a, long b, ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys)
    {
        var (x, y) = ((int)a, (int)b);
        if (scores[x] != scores[y])
            return scores[x] > scores[y];
        return keys[x] != keys[y] ? keys[x] < keys[y] : a < b;
    }

    private static void Sift(Span<long> heap, int at, ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys)
    {
        while ((2 * at) + 1 < heap.Length)
        {
            var child = (2 * at) + 1;
            if (child + 1 < heap.Length && Before(heap[child + 1], heap[child], scores, keys))
                child++;
            if (!Before(heap[child], heap[at], scores, keys))
                return;
            (heap[at], heap[child]) = (heap[child], heap[at]);
            at = child;
        }
    }
}
