using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Finds the k-th best of some scores and brings the best to the front, without sorting. The k-th is found by bisection of the range of scores: each
/// step counts all of them without a branch, at most 32 times, which vectors make cheaper than a selection that moves elements.
/// </summary>
internal sealed class PickZones
{
    private const int DigitBits = 11;

    private readonly int[] _counts = new int[1 << DigitBits];
    private int[] _ranks = [];
    private int[] _rows = [];
    private float[] _scores = [];
    private ulong[] _keys = [];

    /// <summary>Reorders picks so that the best come first, in no order.</summary>
    /// <param name="rows">Rows of the picks.</param>
    /// <param name="scores">Their scores, none NaN.</param>
    /// <param name="count">How many come first, 1 to all of them.</param>
    /// <param name="store">Keys of the rows, which are looked up where scores tie at the border.</param>
    /// <returns>Place of the worst of those.</returns>
    public ScoreBound Partition(Span<int> rows, Span<float> scores, int count, RowStore store)
    {
        var worst = KthPlace(scores, new RowKeys(store, rows), count);
        if (count == rows.Length)
            return worst;
        // Vectors write past the end of either part.
        var room = rows.Length + (2 * Vector512<int>.Count);
        if (_rows.Length < room)
            (_rows, _scores) = (new int[room], new float[room]);
        var (front, back) = (0, count + Vector512<int>.Count);
        var i = 0;
        if (Avx512F.IsSupported)
            i = DivideBlocks(rows, scores, worst, store, ref front, ref back);
        Divide(rows, scores, i, rows.Length, worst, store, ref front, ref back);
        _rows.AsSpan(0, count).CopyTo(rows);
        _scores.AsSpan(0, count).CopyTo(scores);
        _rows.AsSpan(count + Vector512<int>.Count, rows.Length - count).CopyTo(rows[count..]);
        _scores.AsSpan(count + Vector512<int>.Count, rows.Length - count).CopyTo(scores[count..]);
        return worst;
    }

    // Whole vectors without a tie are compressed to both parts; the others go one by one.
    private int DivideBlocks(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, ScoreBound worst, RowStore store, ref int front, ref int back)
    {
        var bound = Vector512.Create(worst.Score);
        var i = 0;
        for (; i <= rows.Length - Vector512<int>.Count; i += Vector512<int>.Count)
        {
            var (score, row) = (Vector512.Create(scores[i..]), Vector512.Create(rows[i..]));
            if (Vector512.EqualsAny(score, bound))
            {
                Divide(rows, scores, i, i + Vector512<int>.Count, worst, store, ref front, ref back);
                continue;
            }
            var (before, behind) = (Vector512.GreaterThan(score, bound), Vector512.LessThan(score, bound));
            Avx512F.Compress(Vector512<float>.Zero, before, score).CopyTo(_scores, front);
            Avx512F.Compress(Vector512<int>.Zero, before.AsInt32(), row).CopyTo(_rows, front);
            front += BitOperations.PopCount(before.ExtractMostSignificantBits());
            Avx512F.Compress(Vector512<float>.Zero, behind, score).CopyTo(_scores, back);
            Avx512F.Compress(Vector512<int>.Zero, behind.AsInt32(), row).CopyTo(_rows, back);
            back += BitOperations.PopCount(behind.ExtractMostSignificantBits());
        }
        return i;
    }

    private void Divide(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, int from, int to, ScoreBound worst, RowStore store, ref int front, ref int back)
    {
        for (var i = from; i < to; i++)
        {
            var at = scores[i] < worst.Score || (scores[i] == worst.Score && store.KeyAt(rows[i]) > worst.Key) ? back++ : front++;
            (_rows[at], _scores[at]) = (rows[i], scores[i]);
        }
    }

    /// <summary>The k-th best score; minus infinity when fewer are numbers.</summary>
    public float KthScore(ReadOnlySpan<float> scores, int k)
    {
        if (_ranks.Length < scores.Length)
            _ranks = new int[scores.Length];
        var ranks = _ranks.AsSpan(0, scores.Length);
        var (low, high) = ScoreRanks.Fill(scores, ranks);
        if (low > high || ScoreRanks.CountFrom(ranks, low) < k)
            return float.NegativeInfinity;
        while (low < high)
        {
            // Halfway up, rounded up; the difference may be more than an int holds.
            var middle = (int)(low + (((long)high - low + 1) >> 1));
            if (ScoreRanks.CountFrom(ranks, middle) >= k)
                low = middle;
            else
                high = middle - 1;
        }
        return ScoreRanks.ScoreOf(low);
    }

    /// <summary>Place of the k-th best; behind everything when fewer are numbers. Keys behind the last score are not read.</summary>
    public ScoreBound KthPlace<TKeys>(ReadOnlySpan<float> scores, TKeys keys, int k)
        where TKeys : IKeyOf, allows ref struct
    {
        var kth = KthScore(scores, k);
        if (float.IsNegativeInfinity(kth))
            return ScoreBound.Worst;
        var ranks = _ranks.AsSpan(0, scores.Length);
        var rank = ScoreRanks.Of(kth);
        var upTo = ScoreRanks.CountFrom(ranks, rank);
        var ties = upTo - (rank == int.MaxValue ? 0 : ScoreRanks.CountFrom(ranks, rank + 1));
        return new ScoreBound(kth, KthKey(scores, keys, kth, k - (upTo - ties), ties));
    }

    /// <summary>Place of the worst.</summary>
    public static ScoreBound Worst<TKeys>(ReadOnlySpan<float> scores, TKeys keys)
        where TKeys : IKeyOf, allows ref struct
    {
        var worst = ScoreBound.Best;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] < worst.Score || (scores[i] == worst.Score && keys.At(i) > worst.Key))
                worst = new ScoreBound(scores[i], keys.At(i));
        }
        return worst;
    }

    // Of items with equal scores the smallest keys come first. Keys are hashes: the first digit separates all but a handful.
    private ulong KthKey<TKeys>(ReadOnlySpan<float> scores, TKeys keys, float score, int k, int ties)
        where TKeys : IKeyOf, allows ref struct
    {
        if (_keys.Length < ties)
            _keys = new ulong[ties];
        var (count, at) = (0, 0);
        while (count < ties)
        {
            at += scores[at..].IndexOf(score);
            _keys[count++] = keys.At(at++);
        }
        if (ties == 1)
            return _keys[0];
        Array.Clear(_counts);
        foreach (var key in _keys.AsSpan(0, ties))
            _counts[key >> (64 - DigitBits)]++;
        ulong bucket = 0;
        for (; _counts[bucket] < k; bucket++)
            k -= _counts[bucket];
        var kept = 0;
        for (var i = 0; i < ties; i++)
        {
            if (_keys[i] >> (64 - DigitBits) == bucket)
                _keys[kept++] = _keys[i];
        }
        _keys.AsSpan(0, kept).Sort();
        return _keys[k - 1];
    }
}
