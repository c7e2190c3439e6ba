using KgOrleans.Kernels;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Brings the best of some picks to the front, without sorting: time grows with their number alone.</summary>
internal sealed class PickZones
{
    private readonly TopKStream _best = new(1);
    private int[] _rows = [];
    private float[] _scores = [];
    private ulong[] _keys = [];

    /// <summary>Reorders picks so that the best come first, in no order.</summary>
    /// <param name="rows">Rows of the picks.</param>
    /// <param name="scores">Their scores, none NaN.</param>
    /// <param name="keys">Their keys.</param>
    /// <param name="count">How many come first, 1 to all of them.</param>
    /// <returns>Place of the worst of those.</returns>
    public ScoreBound Partition(Span<int> rows, Span<float> scores, Span<ulong> keys, int count)
    {
        if (count == rows.Length)
            return Worst(scores, keys);
        Reserve(rows.Length);
        _best.Reset(count);
        _best.Offer(scores, keys, rows);
        var front = _best.CompleteUnsorted(_rows, _scores, _keys);
        var worst = Worst(_scores.AsSpan(0, front), _keys.AsSpan(0, front));
        for (var i = 0; i < rows.Length; i++)
        {
            if (!worst.IsBefore(new ScoreBound(scores[i], keys[i])))
                continue;
            (_rows[front], _scores[front], _keys[front]) = (rows[i], scores[i], keys[i]);
            front++;
        }
        _rows.AsSpan(0, front).CopyTo(rows);
        _scores.AsSpan(0, front).CopyTo(scores);
        _keys.AsSpan(0, front).CopyTo(keys);
        return worst;
    }

    /// <summary>The k-th best score; minus infinity when fewer are numbers. Keys behind the last score are not looked at.</summary>
    public float KthScore(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int k) => KthPlace(scores, keys, k).Score;

    /// <summary>Place of the k-th best; behind everything when fewer are numbers.</summary>
    public ScoreBound KthPlace(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int k)
    {
        Reserve(k);
        _best.Reset(k);
        _best.Offer(scores, keys[..scores.Length], 0);
        var count = _best.CompleteUnsorted(_rows, _scores, _keys);
        return count < k ? ScoreBound.Worst : Worst(_scores.AsSpan(0, count), _keys.AsSpan(0, count));
    }

    /// <summary>Place of the worst.</summary>
    public static ScoreBound Worst(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys)
    {
        var worst = ScoreBound.Best;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] < worst.Score || (scores[i] == worst.Score && keys[i] > worst.Key))
                worst = new ScoreBound(scores[i], keys[i]);
        }
        return worst;
    }

    private void Reserve(int count)
    {
        if (_rows.Length < count)
            (_rows, _scores, _keys) = (new int[count], new float[count], new ulong[count]);
    }
}
