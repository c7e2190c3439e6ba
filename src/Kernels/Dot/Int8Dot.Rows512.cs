using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Kernels.Dot;

public static unsafe partial class Int8Dot
{
    // Four rows at a time share one fold of their lanes: 10 operations instead of 4 * 9.
    private static void Rows512(short* user, float userScale, int dimension, sbyte* codes, float* scales, int count, float* to)
    {
        var r = 0;
        var scale = Vector128.Create(userScale);
        if (dimension == 64)
        {
            var (low, high) = (Vector512.Load(user), Vector512.Load(user + 32));
            for (; r <= count - 4; r += 4, codes += 4 * 64)
            {
                Sse.Prefetch0(scales + r + (PrefetchAhead / 16));
                Sse.Prefetch0(codes + PrefetchAhead);
                var a = Lanes64(codes, low, high);
                Sse.Prefetch0(codes + PrefetchAhead + 64);
                var b = Lanes64(codes + 64, low, high);
                Sse.Prefetch0(codes + PrefetchAhead + 128);
                var c = Lanes64(codes + 128, low, high);
                Sse.Prefetch0(codes + PrefetchAhead + 192);
                var d = Lanes64(codes + 192, low, high);
                (Vector128.ConvertToSingle(Fold(a, b, c, d)) * (Vector128.Load(scales + r) * scale)).Store(to + r);
            }
        }
        for (; r <= count - 4; r += 4, codes += 4 * dimension)
        {
            Prefetch(codes + PrefetchAhead, 4 * dimension);
            var a = Width512.Lanes(codes, user, dimension);
            var b = Width512.Lanes(codes + dimension, user, dimension);
            var c = Width512.Lanes(codes + (2 * dimension), user, dimension);
            var d = Width512.Lanes(codes + (3 * dimension), user, dimension);
            (Vector128.ConvertToSingle(Fold(a, b, c, d)) * (Vector128.Load(scales + r) * scale)).Store(to + r);
        }
        for (; r < count; r++, codes += dimension)
            to[r] = Score(Width512.Sum(codes, user, dimension), scales[r], userScale);
    }

    private static void Gather512(short* user, float userScale, int dimension, in Int8Table table, ReadOnlySpan<int> rows, Span<float> scores)
    {
        var i = 0;
        var scale = Vector128.Create(userScale);
        for (; i <= rows.Length - 4; i += 4)
        {
            if (i <= rows.Length - 4 - GatherAhead)
            {
                Prefetch(table, rows[i + GatherAhead], dimension);
                Prefetch(table, rows[i + GatherAhead + 1], dimension);
                Prefetch(table, rows[i + GatherAhead + 2], dimension);
                Prefetch(table, rows[i + GatherAhead + 3], dimension);
            }
            var a = Width512.Lanes(table.Row(rows[i], dimension, out var scaleA), user, dimension);
            var b = Width512.Lanes(table.Row(rows[i + 1], dimension, out var scaleB), user, dimension);
            var c = Width512.Lanes(table.Row(rows[i + 2], dimension, out var scaleC), user, dimension);
            var d = Width512.Lanes(table.Row(rows[i + 3], dimension, out var scaleD), user, dimension);
            (Vector128.ConvertToSingle(Fold(a, b, c, d)) * (Vector128.Create(*scaleA, *scaleB, *scaleC, *scaleD) * scale)).CopyTo(scores[i..]);
        }
        for (; i < rows.Length; i++)
            scores[i] = Score(Width512.Sum(table.Row(rows[i], dimension, out var rowScale), user, dimension), *rowScale, userScale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Lanes64(sbyte* row, Vector512<short> low, Vector512<short> high) =>
        Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row)), low)
        + Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row + 32)), high);

    // The sums of four rows: quarters of a vector first, then within the quarters.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Fold(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d)
    {
        var ab = Avx512F.Shuffle4x128(a, b, 0x44) + Avx512F.Shuffle4x128(a, b, 0xEE);
        var cd = Avx512F.Shuffle4x128(c, d, 0x44) + Avx512F.Shuffle4x128(c, d, 0xEE);
        var quarters = Avx512F.Shuffle4x128(ab, cd, 0x88) + Avx512F.Shuffle4x128(ab, cd, 0xDD);
        quarters += Avx512F.Shuffle(quarters, 0x4E);
        quarters += Avx512F.Shuffle(quarters, 0xB1);
        return Vector512.Shuffle(quarters, Vector512.Create(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).GetLower().GetLower();
    }
}
