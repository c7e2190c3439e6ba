namespace KgOrleans.Kernels.TopK;

/// <summary>Exact selection of the best scores of an array with deterministic ties.</summary>
public static class TopKSelection
{
    [ThreadStatic]
    private static TopKStream? _stream;

    /// <summary>
    /// Picks the best <c>min(k, valid)</c> entries by score descending, then key ascending, then position ascending. Entries whose score is NaN are
    /// never picked; infinities are ordinary scores; -0 equals +0. The scratch memory stays with the thread.
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
        var stream = _stream ??= new TopKStream(k);
        stream.Reset(k);
        stream.Offer(scores, keys, 0);
        return stream.Complete(picked);
    }
}
