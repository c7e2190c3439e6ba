namespace KgOrleans.Ranking.Factors;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5).</summary>
internal static class SymmetricEigen
{
    private const int MostSweeps = 30;

    // Of an element beside the diagonal, against the elements on it: far below what float32 vectors can tell.
    private const double Negligible = 1e-13;

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="a">Dimension x dimension, symmetric; overwritten.</param>
    /// <param name="values">Receives the eigenvalues.</param>
    /// <param name="vectors">Receives the eigenvectors, one a row, in the order of the values.</param>
    public static void Decompose(Span<double> a, Span<double> values, Span<double> vectors)
    {
        var n = values.Length;
        vectors.Clear();
        for (var i = 0; i < n; i++)
            vectors[(i * n) + i] = 1;
        var rotated = true;
        for (var sweep = 0; rotated && sweep < MostSweeps; sweep++)
        {
            rotated = false;
            for (var p = 0; p < n - 1; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    if (!(Math.Abs(a[(p * n) + q]) > Negligible * Math.Sqrt(Math.Abs(a[(p * n) + p] * a[(q * n) + q]))))
                        continue;
                    rotated = true;
                    Rotate(a, vectors, n, p, q);
                }
            }
        }
        for (var i = 0; i < n; i++)
            values[i] = a[(i * n) + i];
    }

    private static void Rotate(Span<double> a, Span<double> vectors, int n, int p, int q)
    {
        var (pp, qq, pq) = (a[(p * n) + p], a[(q * n) + q], a[(p * n) + q]);
        var tau = (qq - pp) / (2 * pq);
        var t = tau == 0 ? 1 : Math.Sign(tau) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        var c = 1 / Math.Sqrt(1 + (t * t));
        var s = t * c;
        Mix(a.Slice(p * n, n), a.Slice(q * n, n), c, s);
        for (var i = 0; i < n; i++)
            (a[(i * n) + p], a[(i * n) + q]) = (a[(p * n) + i], a[(q * n) + i]);
        (a[(p * n) + p], a[(q * n) + q]) = (pp - (t * pq), qq + (t * pq));
        a[(p * n) + q] = a[(q * n) + p] = 0;
        Mix(vectors.Slice(p * n, n), vectors.Slice(q * n, n), c, s);
    }

    private static void Mix(Span<double> p, Span<double> q, double c, double s)
    {
        for (var i = 0; i < p.Length; i++)
            (p[i], q[i]) = ((c * p[i]) - (s * q[i]), (s * p[i]) + (c * q[i]));
    }
}
