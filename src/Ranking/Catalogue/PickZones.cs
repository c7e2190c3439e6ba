namespace KgOrleans.Ranking.Catalogue;

/// <summary>Keys of works by number: at hand, or looked up where they decide.</summary>
internal interface IKeyOf
{
    ulong At(int i);
}

/// <summary>Keys at hand.</summary>
internal readonly ref struct KnownKeys(ReadOnlySpan<ulong> keys) : IKeyOf
{
    private readonly ReadOnlySpan<ulong> _keys = keys;

    public ulong At(int i) => _keys[i];
}

/// <summary>Keys of rows.</summary>
internal readonly ref struct RowKeys(RowStore store, ReadOnlySpan<int> rows) : IKeyOf
{
    private readonly ReadOnlySpan<int> _rows = rows;

    public ulong At(int i) => store.KeyAt(_rows[i]);
}

/// <summary>Finds the k-th best of some scores and brings the best to the front, without sorting: a few passes over them, whatever k is. The k-th is found digit by digit (radix selection), best digit first.</summary>
internal sealed class PickZones
{
    private const int DigitBits = 11;
    private const int Digits = 3;

    private readonly int[] _counts = new int[1 << DigitBits];
    private uint[] _ranks = [];
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
        if (_rows.Length < rows.Length)
            (_rows, _scores) = (new int[rows.Length], new float[rows.Length]);
        var (front, back) = (0, count);
        for (var i = 0; i < rows.Length; i++)
        {
            var to = scores[i] < worst.Score || (scores[i] == worst.Score && store.KeyAt(rows[i]) > worst.Key) ? back++ : front++;
            (_rows[to], _scores[to]) = (rows[i], scores[i]);
        }
        _rows.AsSpan(0, rows.Length).CopyTo(rows);
        _scores.AsSpan(0, rows.Length).CopyTo(scores);
        return worst;
    }

    /// <summary>The k-th best score; minus infinity when fewer are numbers.</summary>
    public float KthScore(ReadOnlySpan<float> scores, int k)
    {
        if (_ranks.Length < scores.Length)
            _ranks = new uint[scores.Length];
        var count = 0;
        foreach (var score in scores)
        {
            _ranks[count] = Rank(score);
            count += float.IsNaN(score) ? 0 : 1;
        }
        if (count < k)
            return float.NegativeInfinity;
        uint prefix = 0;
        for (var digit = 0; digit < Digits; digit++)
        {
            // 11, 11 and 10 bits.
            var shift = digit == Digits - 1 ? 0 : 32 - ((digit + 1) * DigitBits);
            var mask = digit == Digits - 1 ? (1u << (32 - ((Digits - 1) * DigitBits))) - 1 : (1u << DigitBits) - 1;
            Array.Clear(_counts);
            foreach (var rank in _ranks.AsSpan(0, count))
                _counts[(rank >> shift) & mask]++;
            uint bucket = 0;
            for (; _counts[bucket] < k; bucket++)
                k -= _counts[bucket];
            var kept = 0;
            for (var i = 0; i < count; i++)
            {
                var rank = _ranks[i];
                _ranks[kept] = rank;
                kept += ((rank >> shift) & mask) == bucket ? 1 : 0;
            }
            (count, prefix) = (kept, prefix | (bucket << shift));
        }
        return Score(prefix);
    }

    /// <summary>Place of the k-th best; behind everything when fewer are numbers. Keys behind the last score are not looked at.</summary>
    public ScoreBound KthPlace<TKeys>(ReadOnlySpan<float> scores, TKeys keys, int k)
        where TKeys : IKeyOf, allows ref struct
    {
        var kth = KthScore(scores, k);
        if (float.IsNegativeInfinity(kth))
            return ScoreBound.Worst;
        var (better, ties, largest) = (0, 0, 0UL);
        for (var i = 0; i < scores.Length; i++)
        {
            better += scores[i] > kth ? 1 : 0;
            if (scores[i] != kth)
                continue;
            ties++;
            largest = Math.Max(largest, keys.At(i));
        }
        return new ScoreBound(kth, better + ties == k ? largest : KthKey(scores, keys, kth, k - better, ties));
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

    // Of works with one score the smallest keys come first. Keys are hashes: their first digit tells all but a handful apart.
    private ulong KthKey<TKeys>(ReadOnlySpan<float> scores, TKeys keys, float score, int k, int ties)
        where TKeys : IKeyOf, allows ref struct
    {
        if (_keys.Length < ties)
            _keys = new ulong[ties];
        Array.Clear(_counts);
        var count = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] != score)
                continue;
            _keys[count] = keys.At(i);
            _counts[_keys[count++] >> (64 - DigitBits)]++;
        }
        ulong bucket = 0;
        for (; _counts[bucket] < k; bucket++)
            k -= _counts[bucket];
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (_keys[i] >> (64 - DigitBits) == bucket)
                _keys[kept++] = _keys[i];
        }
        _keys.AsSpan(0, kept).Sort();
        return _keys[k - 1];
    }

    // Ascending ranks are descending scores. Adding zero turns -0 into +0.
    private static uint Rank(float score)
    {
        var bits = BitConverter.SingleToInt32Bits(score + 0f);
        return ~(uint)(bits ^ ((bits >> 31) | int.MinValue));
    }

    private static float Score(uint rank)
    {
        var ascending = (int)~rank;
        return BitConverter.Int32BitsToSingle(ascending < 0 ? ascending ^ int.MinValue : ~ascending);
    }
}
