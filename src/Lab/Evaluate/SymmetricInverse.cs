using System.Numerics;

namespace KgOrleans.Lab.Evaluate;

/// <summary>Inverse of a symmetric positive definite matrix, in place (Gauss-Jordan without pivots, which such a matrix does not need).</summary>
internal static class SymmetricInverse
{
    /// <summary>Inverts an n x n matrix.</summary>
    /// <param name="a">Rows one after another.</param>
    /// <param name="n">Rows.</param>
    public static void Of(double[] a, int n)
    {
        var pivotRow = new double[n];
        for (var k = 0; k < n; k++)
        {
            var inverse = 1 / a[(k * n) + k];
            for (var j = 0; j < n; j++)
                pivotRow[j] = a[(k * n) + j] * inverse;
            pivotRow[k] = inverse;
            Parallel.For(0, n, i =>
            {
                if (i == k)
                    return;
                var factor = a[(i * n) + k];
                if (factor == 0)
                    return;
                a[(i * n) + k] = 0;
                var row = a.AsSpan(i * n, n);
                var (width, j) = (Vector<double>.Count, 0);
                for (; j <= n - width; j += width)
                    (new Vector<double>(row[j..]) - (new Vector<double>(pivotRow, j) * factor)).CopyTo(row[j..]);
                for (; j < n; j++)
                    row[j] -= pivotRow[j] * factor;
            });
            pivotRow.CopyTo(a, k * n);
        }
    }
}
