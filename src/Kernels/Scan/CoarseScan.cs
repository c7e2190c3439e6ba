using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Kernels.Scan;

/// <summary>
/// Many users against one block of rows with 512-bit vectors. Rows are transposed 32 at a time into bytes that stay in the first-level cache while all users pass over
/// them; the coarse score of 4 components takes one multiply of bytes, and two of those share the step to 32 bits, since 6-bit user codes cannot overflow 16 bits.
/// A pair whose coarse score plus margin reaches the user's threshold is scored exactly; the answer is that of exact scores alone, at a third of their arithmetic.
/// </summary>
internal static unsafe class CoarseScan
{
    private const int Rows = 32;

    /// <summary>Offers the rows of a block to all users.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="firstRow">Row number of the first.</param>
    /// <param name="keys">One key a row; null when ties may go by row.</param>
    /// <param name="users">The users.</param>
    /// <param name="dimension">Components: a multiple of 16.</param>
    /// <param name="eligible">Bitmaps, as scans take them.</param>
    /// <param name="best">One stream a user.</param>
    [SkipLocalsInit]
    public static void Offer(
        in CoarseRows rows, int count, int firstRow, ulong* keys, scoped CoarseUsers users, int dimension, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        var transposed = stackalloc byte[(Rows * dimension) + 64];
        transposed = (byte*)(((nint)transposed + 63) & ~63);
        var margins = stackalloc float[2 * Rows];
        var steps = margins;
        var norms = margins + Rows;
        var places = (users.Count + 15) & ~15;
        var limit = stackalloc float[places];
        // Rows of each user that reach its bound, as bits.
        var hits = stackalloc uint[places];
        new Span<uint>(hits, places).Clear();
        for (var u = 0; u < users.Step.Length; u++)
            limit[u] = u < users.Count ? users.Bound(u, best[u].Threshold) : float.NaN;

        fixed (sbyte* codes = users.Codes)
        fixed (int* starts = users.Starts)
        fixed (float* missed = users.Missed)
        {
            for (var row = 0; row < count; row += Rows)
            {
                var here = Math.Min(Rows, count - row);
                var plain = rows.Load(row, here, steps);
                for (var half = 0; half < Rows; half += 16)
                    Transpose(plain + (half * dimension), dimension, transposed + (half * 4), steps + half, norms + half);
                // The next rows are asked for between the tiles: in one burst they would wait for each other, and memory would idle while the users pass.
                var next = rows.At(row + Rows);
                var ahead = rows.At(row + (2 * Rows)) - next;
                var share = ((ahead * CoarseUsers.Tile / users.Count) + 63) & ~63L;
                for (var tile = 0; tile < users.Count; tile += CoarseUsers.Tile)
                {
                    for (var asked = 0L; asked < share && ahead > 0; asked += 64, ahead -= 64, next += 64)
                        Sse.Prefetch0(next);
                    Tile(transposed, codes + (tile * dimension), dimension, starts + tile, missed + tile, limit + tile, margins, hits + tile);
                }
                for (var group = 0; group < users.Count; group += 16)
                {
                    // Which users have hits is one question to a vector: a branch for each would be mispredicted as often as not.
                    var any = (uint)(~Vector512.Equals(Vector512.Load(hits + group), Vector512<uint>.Zero)).ExtractMostSignificantBits();
                    for (; any != 0; any &= any - 1)
                    {
                        var user = group + BitOperations.TrailingZeroCount(any);
                        var mask = hits[user];
                        var bitmap = eligible.IsEmpty ? 0 : eligible[eligible.Length == 1 ? 0 : user];
                        if (bitmap != 0)
                            mask &= ((uint*)bitmap)[row / Rows];
                        var stream = best[user];
                        var threshold = stream.Threshold;
                        for (; mask != 0; mask &= mask - 1)
                        {
                            var r = row + BitOperations.TrailingZeroCount(mask);
                            stream.OfferLikely(rows.Score(r, user), firstRow + r, keys is null ? 0 : keys[r]);
                        }
                        if (stream.Threshold != threshold)
                            limit[user] = users.Bound(user, stream.Threshold);
                    }
                }
            }
        }
    }

    // 32 rows and 8 users: 16 accumulators. Operands of two groups of four components are multiplied and added in 16 bits before they widen to 32.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(
        byte* rows, sbyte* codes, int dimension, int* starts, float* missed, float* bounds, float* margins, uint* hits)
    {
        var ones = Vector512.Create((short)1);
        Vector512<int> a0 = Vector512.Create(starts[0]), a1 = Vector512.Create(starts[1]), a2 = Vector512.Create(starts[2]), a3 = Vector512.Create(starts[3]);
        Vector512<int> a4 = Vector512.Create(starts[4]), a5 = Vector512.Create(starts[5]), a6 = Vector512.Create(starts[6]), a7 = Vector512.Create(starts[7]);
        Vector512<int> b0 = a0, b1 = a1, b2 = a2, b3 = a3, b4 = a4, b5 = a5, b6 = a6, b7 = a7;
        var user = (int*)codes;
        for (var group = 0; group < dimension; group += 8, user += 16, rows += 256)
        {
            var x = Vector512.Load(rows);
            var y = Vector512.Load(rows + 64);
            var x2 = Vector512.Load(rows + 128);
            var y2 = Vector512.Load(rows + 192);
            a0 += Products(x, x2, user, ones);
            b0 += Products(y, y2, user, ones);
            a1 += Products(x, x2, user + 1, ones);
            b1 += Products(y, y2, user + 1, ones);
            a2 += Products(x, x2, user + 2, ones);
            b2 += Products(y, y2, user + 2, ones);
            a3 += Products(x, x2, user + 3, ones);
            b3 += Products(y, y2, user + 3, ones);
            a4 += Products(x, x2, user + 4, ones);
            b4 += Products(y, y2, user + 4, ones);
            a5 += Products(x, x2, user + 5, ones);
            b5 += Products(y, y2, user + 5, ones);
            a6 += Products(x, x2, user + 6, ones);
            b6 += Products(y, y2, user + 6, ones);
            a7 += Products(x, x2, user + 7, ones);
            b7 += Products(y, y2, user + 7, ones);
        }
        Vector512<float> s0 = Vector512.Load(margins), s1 = Vector512.Load(margins + 16), n0 = Vector512.Load(margins + 32), n1 = Vector512.Load(margins + 48);
        hits[0] = Compare(a0, b0, s0, s1, n0, n1, missed[0], bounds[0]);
        hits[1] = Compare(a1, b1, s0, s1, n0, n1, missed[1], bounds[1]);
        hits[2] = Compare(a2, b2, s0, s1, n0, n1, missed[2], bounds[2]);
        hits[3] = Compare(a3, b3, s0, s1, n0, n1, missed[3], bounds[3]);
        hits[4] = Compare(a4, b4, s0, s1, n0, n1, missed[4], bounds[4]);
        hits[5] = Compare(a5, b5, s0, s1, n0, n1, missed[5], bounds[5]);
        hits[6] = Compare(a6, b6, s0, s1, n0, n1, missed[6], bounds[6]);
        hits[7] = Compare(a7, b7, s0, s1, n0, n1, missed[7], bounds[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Products(Vector512<byte> rows, Vector512<byte> next, int* user, Vector512<short> ones) =>
        Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(rows, Vector512.Create(user[0]).AsSByte()) + Avx512BW.MultiplyAddAdjacent(next, Vector512.Create(user[8]).AsSByte()), ones);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Compare(
        Vector512<int> a,
        Vector512<int> b,
        Vector512<float> s0,
        Vector512<float> s1,
        Vector512<float> n0,
        Vector512<float> n1,
        float missed,
        float bound)
    {
        var m0 = n0 * Vector512.Create(missed);
        var m1 = n1 * Vector512.Create(missed);
        var low = Vector512.GreaterThanOrEqual(Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(a), s0, m0), Vector512.Create(bound)).ExtractMostSignificantBits();
        var high = Vector512.GreaterThanOrEqual(Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(b), s1, m1), Vector512.Create(bound)).ExtractMostSignificantBits();
        return (uint)low | ((uint)high << 16);
    }

    // Sixteen rows become one vector per four components: lane r holds those of row r, raised by 128 so that they are unsigned. Norms come from the same pass.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(sbyte* rows, int dimension, byte* to, float* steps, float* norms)
    {
        var squares = Vector512<int>.Zero;
        for (var c = 0; c < dimension; c += 16, to += 4 * 128)
        {
            var a = Quarters(rows + c, dimension);
            var b = Quarters(rows + c + dimension, dimension);
            var d = Quarters(rows + c + (2 * dimension), dimension);
            var e = Quarters(rows + c + (3 * dimension), dimension);
            var (ab, ab2) = (Avx512F.UnpackLow(a, b).AsInt64(), Avx512F.UnpackHigh(a, b).AsInt64());
            var (de, de2) = (Avx512F.UnpackLow(d, e).AsInt64(), Avx512F.UnpackHigh(d, e).AsInt64());
            Put(Avx512F.UnpackLow(ab, de).AsSByte(), to, ref squares);
            Put(Avx512F.UnpackHigh(ab, de).AsSByte(), to + 128, ref squares);
            Put(Avx512F.UnpackLow(ab2, de2).AsSByte(), to + 256, ref squares);
            Put(Avx512F.UnpackHigh(ab2, de2).AsSByte(), to + 384, ref squares);
        }
        var step = Vector512.Load(steps);
        (Vector512.Sqrt(Vector512.ConvertToSingle(squares)) * step).Store(norms);
        // A step that is infinite means a margin that is: the codes themselves then count for nothing.
        var infinite = Vector512.Equals(step, Vector512.Create(float.PositiveInfinity));
        Vector512.ConditionalSelect(infinite, step, Vector512.Load(norms)).Store(norms);
        Vector512.ConditionalSelect(infinite, Vector512<float>.Zero, step).Store(steps);
    }

    // Rows 0, 4, 8, 12 from here, 16 bytes of each.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Quarters(sbyte* row, int dimension) =>
        Vector512.Create(
            Vector256.Create(Vector128.Load(row), Vector128.Load(row + (4 * dimension))),
            Vector256.Create(Vector128.Load(row + (8 * dimension)), Vector128.Load(row + (12 * dimension)))).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<sbyte> codes, byte* to, ref Vector512<int> squares)
    {
        (codes.AsByte() ^ Vector512.Create((byte)0x80)).Store(to);
        var magnitudes = Avx512BW.Abs(codes);
        squares += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(magnitudes, magnitudes.AsSByte()), Vector512.Create((short)1));
    }
}
