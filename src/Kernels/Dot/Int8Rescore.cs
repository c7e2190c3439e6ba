using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Kernels.Dot;

/// <summary>
/// Scores of rows restored from codes and residuals (about 16 bits a component) with a float32 user: re-scores the best few thousand that an 8-bit scan found.
/// The score equals <see cref="DotProduct.Single"/> of the user and the row that <see cref="Int8Rows.Dequantise(ReadOnlySpan{sbyte}, ReadOnlySpan{sbyte},
/// float, Span{float})"/>
/// restores with scale 254, times <c>scale / 254</c>: against the original row it is off by at most <c>scale / 508 |u|_1</c> plus the rounding that <see
/// cref="DotProduct"/> states.
/// </summary>
public static unsafe class Int8Rescore
{
    private const int Ahead = 12;

    /// <summary>Scores rows named by number.</summary>
    /// <param name="user">The user vector.</param>
    /// <param name="table">Where rows lie, residuals included.</param>
    /// <param name="rows">Row numbers, in any order, repeats allowed.</param>
    /// <param name="scores">Receives one score a row number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row number is outside the table (earlier scores may be written), or the dimension has no 8-bit
    /// path.</exception>
    /// <exception cref="ArgumentException">There is no room for the scores, or the table has too few chunks.</exception>
    public static void Gather(ReadOnlySpan<float> user, in Int8Table table, ReadOnlySpan<int> rows, Span<float> scores)
    {
        Int8Rows.RequireDimension(user.Length);
        if (scores.Length < rows.Length)
            throw new ArgumentException($"{rows.Length} scores do not fit into {scores.Length}.", nameof(scores));
        table.Require(residuals: true);
        Span<float> restored = stackalloc float[user.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (i + Ahead < rows.Length)
                Prefetch(table, rows[i + Ahead], user.Length);
            var codes = table.Row(rows[i], user.Length, out var scale);
            Restore(codes, table.Residual(rows[i], user.Length), restored);
            scores[i] = DotProduct.Single(user, restored) * (*scale / 254);
        }
    }

    // 254 code + residual is an integer below 2^15, exact in float32.
    private static void Restore(sbyte* codes, sbyte* residuals, Span<float> restored)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            RestoreScalar(codes, residuals, restored);
            return;
        }
        ref var to = ref MemoryMarshal.GetReference(restored);
        for (var i = 0; i < restored.Length; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(codes + i));
            var (residualLow, residualHigh) = Vector128.Widen(Vector128.Load(residuals + i));
            Put(low, residualLow, ref Unsafe.Add(ref to, i));
            Put(high, residualHigh, ref Unsafe.Add(ref to, i + 8));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector128<short> codes, Vector128<short> residuals, ref float to)
    {
        var (low, high) = Vector128.Widen((codes * Vector128.Create((short)254)) + residuals);
        Vector128.ConvertToSingle(low).StoreUnsafe(ref to);
        Vector128.ConvertToSingle(high).StoreUnsafe(ref to, 4);
    }

    private static void RestoreScalar(sbyte* codes, sbyte* residuals, Span<float> restored)
    {
        for (var i = 0; i < restored.Length; i++)
            restored[i] = (254 * codes[i]) + residuals[i];
    }

    // Only a hint: a number that is about to be refused asks for nothing.
    private static void Prefetch(in Int8Table table, int row, int dimension)
    {
        if (!Sse.IsSupported || (uint)row >= (uint)table.Count)
            return;
        var codes = table.Row(row, dimension, out var scale);
        var residuals = table.Residual(row, dimension);
        Sse.Prefetch0(scale);
        for (var i = 0; i < dimension; i += 64)
        {
            Sse.Prefetch0(codes + i);
            Sse.Prefetch0(residuals + i);
        }
    }
}
