using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KgOrleans.Kernels.Dot;

public static partial class Int8Rows
{
    // Sixteen components at a time, in 128-bit vectors on every processor: quantising is bound by the writes around it. Returns where the rest starts.
    private static int QuantiseBlocks(ReadOnlySpan<float> row, Span<sbyte> codes, float inverse)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(codes);
        var factor = Vector128.Create(inverse);
        var i = 0;
        for (; i <= row.Length - 16; i += 16)
        {
            ref var x = ref Unsafe.Add(ref from, i);
            Narrow(
                Vector128.LoadUnsafe(ref x) * factor,
                Vector128.LoadUnsafe(ref x, 4) * factor,
                Vector128.LoadUnsafe(ref x, 8) * factor,
                Vector128.LoadUnsafe(ref x, 12) * factor).StoreUnsafe(ref to, (nuint)i);
        }
        return i;
    }

    private static int ResidualBlocks(ReadOnlySpan<float> row, ReadOnlySpan<sbyte> codes, Span<sbyte> residuals, float scale, float inverse)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(residuals);
        var i = 0;
        for (; i <= row.Length - 16; i += 16)
        {
            ref var x = ref Unsafe.Add(ref from, i);
            var (low, high) = Vector128.Widen(Vector128.Create(codes[i..]));
            var (c0, c1) = Vector128.Widen(low);
            var (c2, c3) = Vector128.Widen(high);
            Narrow(
                Missed(Vector128.LoadUnsafe(ref x), c0, scale, inverse),
                Missed(Vector128.LoadUnsafe(ref x, 4), c1, scale, inverse),
                Missed(Vector128.LoadUnsafe(ref x, 8), c2, scale, inverse),
                Missed(Vector128.LoadUnsafe(ref x, 12), c3, scale, inverse)).StoreUnsafe(ref to, (nuint)i);
        }
        return i;
    }

    // Products and differences round one by one, as the scalar loop has it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Missed(Vector128<float> x, Vector128<int> codes, float scale, float inverse)
    {
        var residual = (x - (Vector128.ConvertToSingle(codes) * scale)) * inverse;
        return Vector128.Min(Vector128.Max(residual, Vector128.Create(-Steps)), Vector128.Create(Steps));
    }

    // To nearest, ties to even; everything is within -127..127.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Narrow(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) =>
        Vector128.Narrow(Vector128.Narrow(Integers(a), Integers(b)), Vector128.Narrow(Integers(c), Integers(d)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Integers(Vector128<float> x) => Vector128.ConvertToInt32(Vector128.Round(x));
}
