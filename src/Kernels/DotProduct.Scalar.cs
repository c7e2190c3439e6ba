using System.Runtime.InteropServices;

namespace KgOrleans.Kernels;

public static partial class DotProduct
{
    /// <summary>The reference: fallback where no vector unit exists, oracle of the tests and baseline of the benchmarks.</summary>
    internal static float ScalarReference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private readonly struct WidthScalar : IRowDot
    {
        public static float Row(ref float a, ref float b, int length) =>
            ScalarReference(
                MemoryMarshal.CreateReadOnlySpan(ref a, length),
                MemoryMarshal.CreateReadOnlySpan(ref b, length));
    }
}
