using System.Runtime.InteropServices;

namespace KgOrleans.Kernels.Dot;

public static partial class DotProduct
{
    /// <summary>
    /// The reference: fallback where no vector unit exists, oracle of the tests and baseline of the benchmarks. Sixteen partial sums, component i into sum i
    /// mod 16 by fused multiply-adds, then folded in halves: the order that every width follows.
    /// </summary>
    internal static float ScalarReference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Span<float> sums = stackalloc float[Block];
        for (var i = 0; i < a.Length; i++)
            sums[i % Block] = MathF.FusedMultiplyAdd(a[i], b[i], sums[i % Block]);
        for (var half = Block / 2; half > 0; half /= 2)
        {
            for (var i = 0; i < half; i++)
                sums[i] += sums[i + half];
        }
        return sums[0];
    }

    private readonly struct WidthScalar : IRowDot
    {
        public static float Row(ref float a, ref float b, int length) =>
            ScalarReference(
                MemoryMarshal.CreateReadOnlySpan(ref a, length),
                MemoryMarshal.CreateReadOnlySpan(ref b, length));
    }
}
