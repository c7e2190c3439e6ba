using System.Buffers;

namespace KgOrleans.Ranking.Factors;

/// <summary>
/// One row of iALS: the vector w that minimises the sum over its positives of (w . h - 1)^2, plus alpha 0 x w^T G w, plus r |w|^2. It solves
/// (H^T H + alpha 0 G + r I) w = H^T 1, where the rows of H are the vectors of the positives and G is the Gram matrix of the whole other side.
/// Sums are in double precision; vectors are float32.
/// </summary>
internal static class NormalEquations
{
    // Rows widened to double precision at a time.
    private const int Block = 64;

    /// <summary>Solves a row of any number of positives, in time count x d^2 / 2 + d^3 / 6.</summary>
    /// <param name="scaledGram">alpha 0 G, d x d.</param>
    /// <param name="regularisation">r.</param>
    /// <param name="count">Positives.</param>
    /// <param name="rowOf">Vector of a positive.</param>
    /// <param name="vector">Receives w.</param>
    public static void Solve<TRows>(ReadOnlySpan<double> scaledGram, double regularisation, int count, TRows rowOf, Span<float> vector)
        where TRows : IFactorRows, allows ref struct
    {
        var d = vector.Length;
        var buffer = ArrayPool<double>.Shared.Rent((d * d) + d + (Block * d));
        var matrix = buffer.AsSpan(0, d * d);
        var right = buffer.AsSpan(d * d, d);
        var wide = buffer.AsSpan((d * d) + d, Block * d);
        scaledGram.CopyTo(matrix);
        for (var i = 0; i < d; i++)
            matrix[(i * d) + i] += regularisation;
        right.Clear();
        for (var first = 0; first < count; first += Block)
        {
            var rows = Math.Min(Block, count - first);
            for (var r = 0; r < rows; r++)
            {
                var row = wide.Slice(r * d, d);
                Widen(rowOf[first + r], row);
                DenseMath.AddScaled(right, 1, row);
            }
            DenseMath.AddOuterProducts(matrix, wide[..(rows * d)], d);
        }
        var solved = DenseMath.Solve(matrix, right);
        for (var i = 0; i < d; i++)
            vector[i] = solved ? (float)right[i] : 0;
        ArrayPool<double>.Shared.Return(buffer);
    }

    /// <summary>
    /// Solves a row in a basis in which the Gram matrix is diagonal, in time n^2 d / 2 + n^3 / 6: less than <see cref="Solve"/> when it has fewer positives than
    /// dimensions, as most rows have. With D = alpha 0 G + r I: w = D^-1 H^T (I + H D^-1 H^T)^-1 1, by Woodbury's identity.
    /// </summary>
    /// <param name="scaledValues">Diagonal of alpha 0 G.</param>
    /// <param name="regularisation">r.</param>
    /// <param name="count">Positives.</param>
    /// <param name="rowOf">Vector of a positive in that basis.</param>
    /// <param name="vector">Receives w in that basis.</param>
    public static void SolveFew<TRows>(ReadOnlySpan<double> scaledValues, double regularisation, int count, TRows rowOf, Span<float> vector)
        where TRows : IFactorRows, allows ref struct
    {
        var d = vector.Length;
        var buffer = ArrayPool<double>.Shared.Rent((count * d) + (count * count) + count + d + d);
        var rows = buffer.AsSpan(0, count * d);
        var matrix = buffer.AsSpan(count * d, count * count);
        var right = buffer.AsSpan((count * d) + (count * count), count);
        var roots = buffer.AsSpan((count * d) + (count * count) + count, d);
        var sum = buffer.AsSpan((count * d) + (count * count) + count + d, d);
        for (var i = 0; i < d; i++)
            roots[i] = 1 / Math.Sqrt(Math.Max(0, scaledValues[i]) + regularisation);
        for (var r = 0; r < count; r++)
        {
            var row = rows.Slice(r * d, d);
            var source = rowOf[r];
            for (var i = 0; i < d; i++)
                row[i] = source[i] * roots[i];
        }
        for (var r = 0; r < count; r++)
        {
            var row = rows.Slice(r * d, d);
            for (var other = r; other < count; other++)
                matrix[(r * count) + other] = DenseMath.Dot(row, rows.Slice(other * d, d));
            matrix[(r * count) + r] += 1;
        }
        right.Fill(1);
        var solved = DenseMath.Solve(matrix, right);
        sum.Clear();
        for (var r = 0; solved && r < count; r++)
            DenseMath.AddScaled(sum, right[r], rows.Slice(r * d, d));
        for (var i = 0; i < d; i++)
            vector[i] = (float)(sum[i] * roots[i]);
        ArrayPool<double>.Shared.Return(buffer);
    }

    /// <summary>Copies a vector to double precision.</summary>
    public static void Widen(ReadOnlySpan<float> from, Span<double> to)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = from[i];
    }
}
