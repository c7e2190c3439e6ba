namespace KgOrleans.Ranking.Tests.Factors;

/// <summary>iALS as its paper writes it: every pair of the objective by itself, in double precision.</summary>
internal static class DenseReference
{
    /// <summary>
    /// Half the gradient of a user's objective at a row: zero at its minimum. Beside it the largest sum of the absolute values of a component's terms, which is
    /// what rounding is measured against: how far a row itself may lie from the minimum depends on how flat the objective is there.
    /// </summary>
    public static (double[] Gradient, double Magnitude) At(
        ReadOnlySpan<float> row, float[] others, int[] positives, double unobserved, double regularisation)
    {
        var gradient = new double[row.Length];
        var magnitudes = new double[row.Length];
        for (var other = 0; other < others.Length / row.Length; other++)
        {
            var h = others.AsSpan(other * row.Length, row.Length);
            var seen = positives.Contains(other) ? 1 : 0;
            for (var i = 0; i < row.Length; i++)
            {
                for (var j = 0; j < row.Length; j++)
                    Add(i, (seen + unobserved) * h[i] * h[j] * row[j]);
                Add(i, -seen * (double)h[i]);
            }
        }
        for (var i = 0; i < row.Length; i++)
            Add(i, regularisation * row[i]);
        return (gradient, magnitudes.Max());

        void Add(int i, double term)
        {
            gradient[i] += term;
            magnitudes[i] += Math.Abs(term);
        }
    }
}
