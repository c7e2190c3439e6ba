using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Kernels.Dot;

public static partial class DotProduct
{
    // Four rows at a time share one fold: sums of sixteen lanes become quarters of one vector, which costs 10 operations instead of 4 * 7, and stays the fold
    // in halves of each row by itself. Rows are read in order and prefetched one by one: bursts of prefetches, or an order that jumps, lose a third of the
    // bandwidth.
    private static unsafe void Rows512(ReadOnlySpan<float> user, ReadOnlySpan<float> rows, int dimension, Span<float> scores)
    {
        ref var u = ref MemoryMarshal.GetReference(user);
        var r = 0;
        fixed (float* first = rows)
        fixed (float* to = scores)
        {
            var row = first;
            if (dimension == 64)
            {
                var (u0, u1) = (Vector512.LoadUnsafe(ref u), Vector512.LoadUnsafe(ref u, 16));
                var (u2, u3) = (Vector512.LoadUnsafe(ref u, 32), Vector512.LoadUnsafe(ref u, 48));
                for (; r <= scores.Length - 4; r += 4, row += 4 * 64)
                {
                    var a = Row64(row, u0, u1, u2, u3);
                    var b = Row64(row + 64, u0, u1, u2, u3);
                    var c = Row64(row + 128, u0, u1, u2, u3);
                    var d = Row64(row + 192, u0, u1, u2, u3);
                    Fold(a, b, c, d).Store(to + r);
                }
            }
            for (; r <= scores.Length - 4; r += 4)
            {
                var a = PrefetchedRow(row, ref u, dimension);
                var b = PrefetchedRow(row + dimension, ref u, dimension);
                var c = PrefetchedRow(row + (2 * dimension), ref u, dimension);
                var d = PrefetchedRow(row + (3 * dimension), ref u, dimension);
                Fold(a, b, c, d).Store(to + r);
                row += 4 * dimension;
            }
            for (; r < scores.Length; r++, row += dimension)
                scores[r] = Width512.Row(ref *row, ref u, dimension);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<float> PrefetchedRow(float* row, ref float user, int dimension)
    {
        Prefetch(row + PrefetchAhead, dimension);
        return Width512.Lanes(ref *row, ref user, dimension);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<float> Row64(float* row, Vector512<float> u0, Vector512<float> u1, Vector512<float> u2, Vector512<float> u3)
    {
        Sse.Prefetch0(row + PrefetchAhead);
        Sse.Prefetch0(row + PrefetchAhead + 16);
        Sse.Prefetch0(row + PrefetchAhead + 32);
        Sse.Prefetch0(row + PrefetchAhead + 48);
        var sum = Avx512F.FusedMultiplyAdd(Vector512.Load(row), u0, Vector512<float>.Zero);
        sum = Avx512F.FusedMultiplyAdd(Vector512.Load(row + 16), u1, sum);
        sum = Avx512F.FusedMultiplyAdd(Vector512.Load(row + 32), u2, sum);
        return Avx512F.FusedMultiplyAdd(Vector512.Load(row + 48), u3, sum);
    }

    /// <summary>The scores of four rows from their sixteen partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        var ab = Avx512F.Shuffle4x128(a, b, 0x44) + Avx512F.Shuffle4x128(a, b, 0xEE);
        var cd = Avx512F.Shuffle4x128(c, d, 0x44) + Avx512F.Shuffle4x128(c, d, 0xEE);
        var quarters = Avx512F.Shuffle4x128(ab, cd, 0x88) + Avx512F.Shuffle4x128(ab, cd, 0xDD);
        quarters += Avx512F.Shuffle(quarters, quarters, 0x4E);
        quarters += Avx512F.Shuffle(quarters, quarters, 0xB1);
        return Vector512.Shuffle(quarters, Vector512.Create(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).GetLower().GetLower();
    }
}
