namespace KgOrleans.Ranking.Tests.Factors;

/// <summary>iALS as its paper writes it: every pair of the objective by itself, in double precision, solved by elimination.</summary>
internal static class DenseReference
{
    /// <summary>The row that minimises the objective for a user with these positives.</summary>
    public static double[] Row(float[] others, int dimension, int[] positives, double unobserved, double regularisation)
    {
        var a = new double[dimension, dimension + 1];
        for (var other = 0; other < others.Length / dimension; other++)
        {
            var h = others.AsSpan(other * dimension, dimension);
            var seen = positives.Contains(other) ? 1 : 0;
            for (var i = 0; i < dimension; i++)
            {
                for (var j = 0; j < dimension; j++)
                    a[i, j] += (seen + unobserved) * h[i] * h[j];
                a[i, dimension] += seen * h[i];
            }
        }
        for (var i = 0; i < dimension; i++)
            a[i, i] += regularisation;
        return Eliminate(a, dimension);
    }

    private static double[] Eliminate(double[,] a, int n)
    {
        for (var k = 0; k < n; k++)
        {
            var pivot = Enumerable.Range(k, n - k).MaxBy(r => Math.Abs(a[r, k]));
            for (var j = 0; j <= n; j++)
                (a[k, j], a[pivot, j]) = (a[pivot, j], a[k, j]);
            for (var i = k + 1; i < n; i++)
            {
                var factor = a[i, k] / a[k, k];
                for (var j = k; j <= n; j++)
                    a[i, j] -= factor * a[k, j];
            }
        }
        var x = new double[n];
        for (var k = n - 1; k >= 0; k--)
            x[k] = (a[k, n] - Enumerable.Range(k + 1, n - k - 1).Sum(j => a[k, j] * x[j])) / a[k, k];
        return x;
    }
}
