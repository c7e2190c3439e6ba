using System.Numerics;
using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Factors;

/// <summary>Dense linear algebra in double precision on small symmetric matrices, row-major. Only the upper triangle is read and written.</summary>
internal static class DenseMath
{
    /// <summary>Adds a multiple of a vector: to += factor x from.</summary>
    public static void AddScaled(Span<double> to, double factor, ReadOnlySpan<double> from)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(to);
        var source = MemoryMarshal.Cast<double, Vector<double>>(from[..to.Length]);
        var factors = new Vector<double>(factor);
        for (var i = 0; i < wide.Length; i++)
            wide[i] = Vector.FusedMultiplyAdd(factors, source[i], wide[i]);
        for (var i = wide.Length * Vector<double>.Count; i < to.Length; i++)
            to[i] += factor * from[i];
    }

    /// <summary>Inner product of two vectors of one length.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var x = MemoryMarshal.Cast<double, Vector<double>>(a);
        var y = MemoryMarshal.Cast<double, Vector<double>>(b[..a.Length]);
        // Two sums, since one would wait for its own last addition.
        var (even, odd) = (Vector<double>.Zero, Vector<double>.Zero);
        var i = 0;
        for (; i + 1 < x.Length; i += 2)
        {
            even = Vector.FusedMultiplyAdd(x[i], y[i], even);
            odd = Vector.FusedMultiplyAdd(x[i + 1], y[i + 1], odd);
        }
        if (i < x.Length)
            even = Vector.FusedMultiplyAdd(x[i], y[i], even);
        var sum = Vector.Sum(even + odd);
        for (i = x.Length * Vector<double>.Count; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>
    /// Adds rows' outer products: matrix += sum of row x row^T. Four rows at a time, so that the matrix is loaded and stored a quarter as often.
    /// </summary>
    /// <param name="matrix">Dimension x dimension.</param>
    /// <param name="rows">Rows of dimension components, contiguous.</param>
    /// <param name="dimension">Components of a row.</param>
    public static void AddOuterProducts(Span<double> matrix, ReadOnlySpan<double> rows, int dimension)
    {
        for (; rows.Length >= 4 * dimension; rows = rows[(4 * dimension)..])
        {
            var a = rows[..dimension];
            var b = rows.Slice(dimension, dimension);
            var c = rows.Slice(2 * dimension, dimension);
            var d = rows.Slice(3 * dimension, dimension);
            for (var i = 0; i < dimension; i++)
                AddFour(matrix.Slice((i * dimension) + i, dimension - i), a[i..], b[i..], c[i..], d[i..]);
        }
        for (; rows.Length > 0; rows = rows[dimension..])
        {
            for (var i = 0; i < dimension; i++)
                AddScaled(matrix.Slice((i * dimension) + i, dimension - i), rows[i], rows[i..dimension]);
        }
    }

    /// <summary>
    /// Solves a x = b for a symmetric positive definite matrix by Cholesky's factorisation a = u^T u. The matrix is overwritten with u, b with x.
    /// </summary>
    /// <returns>False when the matrix is not positive definite.</returns>
    public static bool Solve(Span<double> a, Span<double> b)
    {
        var n = b.Length;
        for (var k = 0; k < n; k++)
        {
            var row = a.Slice((k * n) + k, n - k);
            if (!(row[0] > 0) || !double.IsFinite(row[0]))
                return false;
            var scale = 1 / Math.Sqrt(row[0]);
            foreach (ref var x in row)
                x *= scale;
            for (var i = 1; i < row.Length; i++)
                AddScaled(a.Slice(((k + i) * n) + k + i, n - k - i), -row[i], row[i..]);
        }
        for (var k = 0; k < n; k++)
        {
            b[k] /= a[(k * n) + k];
            AddScaled(b[(k + 1)..], -b[k], a.Slice((k * n) + k + 1, n - k - 1));
        }
        for (var k = n - 1; k >= 0; k--)
            b[k] = (b[k] - Dot(a.Slice((k * n) + k + 1, n - k - 1), b[(k + 1)..])) / a[(k * n) + k];
        return true;
    }

    private static void AddFour(
        Span<double> to, ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> c, ReadOnlySpan<double> d)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(to);
        var wa = MemoryMarshal.Cast<double, Vector<double>>(a);
        var wb = MemoryMarshal.Cast<double, Vector<double>>(b);
        var wc = MemoryMarshal.Cast<double, Vector<double>>(c);
        var wd = MemoryMarshal.Cast<double, Vector<double>>(d);
        var (fa, fb, fc, fd) = (new Vector<double>(a[0]), new Vector<double>(b[0]), new Vector<double>(c[0]), new Vector<double>(d[0]));
        for (var i = 0; i < wide.Length; i++)
        {
            var sum = Vector.FusedMultiplyAdd(fa, wa[i], wide[i]);
            sum = Vector.FusedMultiplyAdd(fb, wb[i], sum);
            sum = Vector.FusedMultiplyAdd(fc, wc[i], sum);
            wide[i] = Vector.FusedMultiplyAdd(fd, wd[i], sum);
        }
        for (var i = wide.Length * Vector<double>.Count; i < to.Length; i++)
            to[i] += (a[0] * a[i]) + (b[0] * b[i]) + (c[0] * c[i]) + (d[0] * d[i]);
    }
}
