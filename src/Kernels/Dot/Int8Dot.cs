using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Kernels.Dot;

/// <summary>
/// Scores of 8-bit rows for users packed by <see cref="QuantisedUsers"/>. Sums are exact integers, so that every instruction set, entry point, batch and
/// position gives the same bits for the same row and user.
/// </summary>
public static unsafe partial class Int8Dot
{
    private const int PrefetchAhead = 4096;
    // A block of rows that stays in the first-level cache while one user after the other passes over it.
    private const int BlockBytes = 8192;
    // Random rows miss every cache: enough of them in flight to cover the latency of memory.
    private const int GatherAhead = 24;

    /// <summary>Scores consecutive rows: <c>scores[user * block.Count + r]</c>.</summary>
    /// <param name="users">Users; the block's rows have their dimension.</param>
    /// <param name="block">The rows.</param>
    /// <param name="scores">Receives <c>users.Count * block.Count</c> scores.</param>
    /// <exception cref="ArgumentException">There is no room for the scores.</exception>
    public static void Rows(in QuantisedUsers users, in Int8Block block, Span<float> scores)
    {
        if (scores.Length < (long)users.Count * block.Count)
            throw new ArgumentException($"{users.Count} users times {block.Count} rows do not fit into {scores.Length} scores.", nameof(scores));
        var step = users.Count == 1 ? block.Count : Math.Max(16, BlockBytes / users.Dimension / 16 * 16);
        for (var from = 0; from < block.Count; from += step)
        {
            var count = Math.Min(step, block.Count - from);
            for (var u = 0; u < users.Count; u++)
                Rows(users, u, block, from, count, scores.Slice((u * block.Count) + from, count));
        }
    }

    /// <summary>Scores rows named by number, for one user; rows some places ahead are prefetched.</summary>
    /// <param name="users">The users.</param>
    /// <param name="user">Which of them.</param>
    /// <param name="table">Where rows lie.</param>
    /// <param name="rows">Row numbers, in any order, repeats allowed. Ascending order is kinder to memory.</param>
    /// <param name="scores">Receives one score a row number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row number is outside the table (earlier scores may be written), or there is no such user.</exception>
    /// <exception cref="ArgumentException">There is no room for the scores, or the table has too few chunks.</exception>
    public static void Gather(in QuantisedUsers users, int user, in Int8Table table, ReadOnlySpan<int> rows, Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)user, (uint)users.Count, nameof(user));
        if (scores.Length < rows.Length)
            throw new ArgumentException($"{rows.Length} scores do not fit into {scores.Length}.", nameof(scores));
        table.Require(residuals: false);
        fixed (short* codes = users.Codes(user))
        {
            if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
                Gather512(codes, users.Scale(user), users.Dimension, table, rows, scores);
            else if (Avx2.IsSupported)
                Gather<Width256>(codes, users.Scale(user), users.Dimension, table, rows, scores);
            else if (Vector128.IsHardwareAccelerated)
                Gather<Width128>(codes, users.Scale(user), users.Dimension, table, rows, scores);
            else
                Gather<WidthScalar>(codes, users.Scale(user), users.Dimension, table, rows, scores);
        }
    }

    /// <summary>The one formula of a score. Scales are multiplied first, so that one of 0 or NaN decides alone.</summary>
    internal static float Score(int sum, float rowScale, float userScale) => sum * (rowScale * userScale);

    /// <summary>Scores a run of a block's rows for one user.</summary>
    internal static void Rows(in QuantisedUsers users, int user, in Int8Block block, int from, int count, Span<float> scores)
    {
        var codes = block.CodePointer + ((nint)from * users.Dimension);
        var scales = block.ScalePointer + from;
        fixed (short* userCodes = users.Codes(user))
        fixed (float* to = scores)
        {
            if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
                Rows512(userCodes, users.Scale(user), users.Dimension, codes, scales, count, to);
            else if (Avx2.IsSupported)
                Rows<Width256>(userCodes, users.Scale(user), users.Dimension, codes, scales, count, to);
            else if (Vector128.IsHardwareAccelerated)
                Rows<Width128>(userCodes, users.Scale(user), users.Dimension, codes, scales, count, to);
            else
                Rows<WidthScalar>(userCodes, users.Scale(user), users.Dimension, codes, scales, count, to);
        }
    }

    private static void Rows<TWidth>(short* user, float userScale, int dimension, sbyte* codes, float* scales, int count, float* to)
        where TWidth : struct, IInt8Sum
    {
        for (var r = 0; r < count; r++, codes += dimension)
        {
            Prefetch(codes + PrefetchAhead, dimension);
            to[r] = Score(TWidth.Sum(codes, user, dimension), scales[r], userScale);
        }
    }

    private static void Gather<TWidth>(short* user, float userScale, int dimension, in Int8Table table, ReadOnlySpan<int> rows, Span<float> scores)
        where TWidth : struct, IInt8Sum
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (i + GatherAhead < rows.Length)
                Prefetch(table, rows[i + GatherAhead], dimension);
            scores[i] = Score(TWidth.Sum(table.Row(rows[i], dimension, out var scale), user, dimension), *scale, userScale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(sbyte* row, int dimension)
    {
        if (!Sse.IsSupported)
            return;
        for (var i = 0; i < dimension; i += 64)
            Sse.Prefetch0(row + i);
    }

    // Only a hint: a number that is about to be refused asks for nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(in Int8Table table, int row, int dimension)
    {
        if (!Sse.IsSupported || (uint)row >= (uint)table.Count)
            return;
        Prefetch(table.Row(row, dimension, out var scale), dimension);
        Sse.Prefetch0(scale);
    }
}
