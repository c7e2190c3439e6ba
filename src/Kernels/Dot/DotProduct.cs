using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Kernels.Dot;

/// <summary>
/// Inner products of one float32 user vector with many float32 rows. The widest vector unit of the processor is used (512, 256, 128 bits, scalar).
/// The score of a row depends on the row and the user alone: it is bit-identical from every entry point and at every batch position, and on every width of
/// every processor with a fused multiply-add, since all follow one order of summation: sixteen partial sums, component i into sum i mod 16, folded in halves.
/// (x86 without AVX2 rounds products separately and may differ in the last bits.)
/// Against exact arithmetic the error is at most <c>(dimension + 4) * 2^-24 * sum |a_i b_i|</c>, on every width. NaN and infinities follow IEEE 754.
/// </summary>
public static partial class DotProduct
{
    // Lanes of the order of summation: one vector of 512 bits.
    private const int Block = 16;
    private const int CacheLine = 16;
    private const int PrefetchAhead = 1024;

    /// <summary>Scores contiguous rows: <c>scores[r] = &lt;user, rows[r * dimension ..]&gt;</c>.</summary>
    /// <param name="user">The user vector: <paramref name="dimension"/> components.</param>
    /// <param name="rows">Row-major rows: <c>scores.Length * dimension</c> components.</param>
    /// <param name="dimension">Components of a row, at least 1; multiples of 16 have no tail.</param>
    /// <param name="scores">One score a row; must not overlap the inputs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is not positive.</exception>
    /// <exception cref="ArgumentException">A length does not match the dimension.</exception>
    public static void Rows(ReadOnlySpan<float> user, ReadOnlySpan<float> rows, int dimension, Span<float> scores)
    {
        RequireUser(user, dimension);
        if (rows.Length != (long)scores.Length * dimension)
            throw new ArgumentException($"{scores.Length} rows of {dimension} components do not make {rows.Length} values.", nameof(rows));
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
            Rows512(user, rows, dimension, scores);
        else if (Vector512.IsHardwareAccelerated)
            Rows<Width512>(user, rows, dimension, scores);
        else if (Vector256.IsHardwareAccelerated)
            Rows<Width256>(user, rows, dimension, scores);
        else if (Vector128.IsHardwareAccelerated)
            Rows<Width128>(user, rows, dimension, scores);
        else
            Rows<WidthScalar>(user, rows, dimension, scores);
    }

    /// <summary>The inner product of two vectors of one length; 0 when both are empty.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Single(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"Vectors of {a.Length} and {b.Length} components.", nameof(b));
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b);
        if (Vector512.IsHardwareAccelerated)
            return Width512.Row(ref x, ref y, a.Length);
        if (Vector256.IsHardwareAccelerated)
            return Width256.Row(ref x, ref y, a.Length);
        if (Vector128.IsHardwareAccelerated)
            return Width128.Row(ref x, ref y, a.Length);
        return WidthScalar.Row(ref x, ref y, a.Length);
    }

    private static void RequireUser(ReadOnlySpan<float> user, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (user.Length != dimension)
            throw new ArgumentException($"The user vector has {user.Length} components, the rows {dimension}.", nameof(user));
    }

    // Hardware prefetchers stop at every page: asking for the row one page ahead keeps memory busy across the border. Past the end it is a harmless hint.
    private static unsafe void Rows<TWidth>(ReadOnlySpan<float> user, ReadOnlySpan<float> rows, int dimension, Span<float> scores)
        where TWidth : struct, IRowDot
    {
        ref var u = ref MemoryMarshal.GetReference(user);
        fixed (float* first = rows)
        {
            var row = first;
            for (var r = 0; r < scores.Length; r++)
            {
                Prefetch(row + PrefetchAhead, dimension);
                scores[r] = TWidth.Row(ref u, ref *row, dimension);
                row += dimension;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(float* row, int dimension)
    {
        if (Sse.IsSupported)
        {
            for (var i = 0; i < dimension; i += CacheLine)
                Sse.Prefetch0(row + i);
        }
    }

    /// <summary>One row's inner product at one vector width; the loops above are shared by all widths.</summary>
    private interface IRowDot
    {
        static abstract float Row(ref float a, ref float b, int length);
    }
}
