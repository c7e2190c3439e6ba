namespace KgOrleans.Kernels.Tests;

/// <summary>Right by definition: conditional variances of S from a fresh factor of the windowed submatrix, in double precision, nothing incremental.</summary>
internal sealed class BruteForceDpp(float[] vectors, int dimension, float[] quality, float[] context, int window)
{
    private readonly int _contextCount = context.Length / dimension;

    /// <summary>Greedy picks until the largest d^2 falls below the limit, and the least difference between a pick's gain and the runner-up's.</summary>
    public (int[] Picks, double[] Gains, double Margin) Run(int picks, double limit)
    {
        var chosen = new List<int>();
        var gains = new List<double>();
        var margin = double.PositiveInfinity;
        while (chosen.Count < Math.Min(picks, quality.Length))
        {
            var best = -1;
            var first = double.NegativeInfinity;
            var second = double.NegativeInfinity;
            for (var i = 0; i < quality.Length; i++)
            {
                var variance = chosen.Contains(i) ? 0 : VarianceAfter(chosen, i).Value;
                if (variance < limit)
                    continue;
                var gain = Math.Log(variance) + (2 * Math.Log(quality[i]));
                (best, first, second) = gain > first ? (i, gain, first) : (best, first, Math.Max(second, gain));
            }
            if (best < 0)
                break;
            margin = Math.Min(margin, first - second);
            chosen.Add(best);
            gains.Add(first);
        }
        return ([.. chosen], [.. gains], margin);
    }

    /// <summary>The least conditional variance of a context item given the context items before it that condition the first pick.</summary>
    public double LeastContextVariance()
    {
        var held = Held([]);
        return Enumerable.Range(0, held.Length).Select(c => Variance(held[..c], held[c]).Value).DefaultIfEmpty(1).Min();
    }

    /// <summary>
    /// d_i^2 of S: det S(held + i) / det S(held) = S_ii - s'x with S(held) x = s, where held are the newest <c>window - 1</c> of the context and the chosen.
    /// An error of e in every entry of S changes it by up to e times the sensitivity, (1 + |x|_1)^2, to first order.
    /// </summary>
    public (double Value, double Sensitivity) VarianceAfter(IReadOnlyList<int> chosen, int candidate) => Variance(Held(chosen), candidate);

    private int[] Held(IReadOnlyList<int> chosen)
    {
        var all = Enumerable.Range(0, _contextCount).Select(c => ~c).Concat(chosen).ToArray();
        return window == 0 ? all : all[Math.Max(0, all.Length - (window - 1))..];
    }

    private (double Value, double Sensitivity) Variance(int[] held, int candidate)
    {
        int[] with = [.. held, candidate];
        var last = held.Length;
        var factor = new double[last + 1, last + 1];
        for (var i = 0; i <= last; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = Similarity(with[i], with[j]);
                for (var t = 0; t < j; t++)
                    sum -= factor[i, t] * factor[j, t];
                factor[i, j] = i > j ? sum / factor[j, j] : i == last ? sum : Math.Sqrt(sum);
            }
        }
        var weights = new double[last];
        for (var i = last - 1; i >= 0; i--)
        {
            var sum = factor[last, i];
            for (var j = i + 1; j < last; j++)
                sum -= factor[j, i] * weights[j];
            weights[i] = sum / factor[i, i];
        }
        return (Math.Max(0, factor[last, last]), Math.Pow(1 + weights.Sum(Math.Abs), 2));
    }

    private double Similarity(int i, int j)
    {
        var dot = 0d;
        for (var k = 0; k < dimension; k++)
            dot += (double)Component(i, k) * Component(j, k);
        return (1 + dot) / 2;
    }

    private float Component(int i, int k) => i >= 0 ? vectors[(i * dimension) + k] : context[(~i * dimension) + k];
}
