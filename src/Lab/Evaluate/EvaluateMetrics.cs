namespace KgOrleans.Lab.Evaluate;

/// <summary>Metrics of ranked lists.</summary>
internal static class EvaluateMetrics
{
    /// <summary>
    /// NDCG: sum of gain / log2(position + 1) over a list, divided by that of the best list. Gains are used as they are (Järvelin and Kekäläinen 2002), so a
    /// list is worth what its items are expected to bring.
    /// </summary>
    /// <param name="gains">Gains in the order of the list.</param>
    /// <param name="ideal">Gains of the best possible list, in its order.</param>
    public static double Ndcg(ReadOnlySpan<float> gains, ReadOnlySpan<float> ideal)
    {
        var best = Dcg(ideal);
        return best == 0 ? 0 : Dcg(gains) / best;
    }

    /// <summary>Share of some items that a list holds.</summary>
    public static double Recall(ReadOnlySpan<int> list, IReadOnlySet<int> wanted)
    {
        var found = 0;
        foreach (var item in list)
            found += wanted.Contains(item) ? 1 : 0;
        return wanted.Count == 0 ? 0 : (double)found / wanted.Count;
    }

    /// <summary>Positions of the k largest scores among the given rows, best first; equal scores in row order.</summary>
    public static int[] Top(ReadOnlySpan<float> scores, ReadOnlySpan<int> rows, int k)
    {
        var heap = new PriorityQueue<int, (float Score, int MinusRow)>(k + 1);
        foreach (var row in rows)
        {
            heap.Enqueue(row, (scores[row], -row));
            if (heap.Count > k)
                heap.Dequeue();
        }
        var top = new int[heap.Count];
        for (var i = top.Length - 1; i >= 0; i--)
            top[i] = heap.Dequeue();
        return top;
    }

    /// <summary>
    /// AUC of one list: how often a positive has a higher score than a negative, ties counted half. Null when the list has only one of the two.
    /// </summary>
    public static double? Auc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> labels)
    {
        double wins = 0, pairs = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            for (var j = 0; labels[i] && j < scores.Length; j++)
            {
                if (labels[j])
                    continue;
                pairs++;
                wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }
        return pairs == 0 ? null : wins / pairs;
    }

    /// <summary>Mean of a - b over pairs, with the 95 % interval of the paired bootstrap (Efron, percentile method).</summary>
    public static (double Mean, double Low, double High) PairedDifference(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int seed)
    {
        const int Resamples = 2_000;
        var random = new Random(seed);
        var means = new double[Resamples];
        for (var r = 0; r < Resamples; r++)
        {
            var sum = 0d;
            for (var n = 0; n < a.Length; n++)
            {
                var i = random.Next(a.Length);
                sum += a[i] - b[i];
            }
            means[r] = sum / a.Length;
        }
        Array.Sort(means);
        var mean = 0d;
        for (var i = 0; i < a.Length; i++)
            mean += (a[i] - b[i]) / a.Length;
        return (mean, means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }

    private static double Dcg(ReadOnlySpan<float> gains)
    {
        var sum = 0d;
        for (var i = 0; i < gains.Length; i++)
            sum += gains[i] / Math.Log2(i + 2);
        return sum;
    }
}
