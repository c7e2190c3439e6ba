using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KgOrleans.Kernels;

public static partial class DotProduct
{
    // Four accumulators cover the latency of a fused multiply-add (4 cycles, 2 a cycle are limited by 2 loads each); a row of 64 fills each of them once.
    // Blocks of one vector left over go to the first accumulator, components left over are summed apart, so that nothing is read past the row.
    private readonly struct Width512 : IRowDot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Row(ref float a, ref float b, int length)
        {
            var s0 = Vector512<float>.Zero;
            var s1 = Vector512<float>.Zero;
            var s2 = Vector512<float>.Zero;
            var s3 = Vector512<float>.Zero;
            nint i = 0;
            for (; i <= length - 64; i += 64)
            {
                s0 = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref a, (nuint)i), Vector512.LoadUnsafe(ref b, (nuint)i), s0);
                s1 = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref a, (nuint)i + 16), Vector512.LoadUnsafe(ref b, (nuint)i + 16), s1);
                s2 = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref a, (nuint)i + 32), Vector512.LoadUnsafe(ref b, (nuint)i + 32), s2);
                s3 = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref a, (nuint)i + 48), Vector512.LoadUnsafe(ref b, (nuint)i + 48), s3);
            }
            for (; i <= length - 16; i += 16)
                s0 = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref a, (nuint)i), Vector512.LoadUnsafe(ref b, (nuint)i), s0);
            var sum = Vector512.Sum((s0 + s1) + (s2 + s3));
            for (; i < length; i++)
                sum += Unsafe.Add(ref a, i) * Unsafe.Add(ref b, i);
            return sum;
        }
    }

    private readonly struct Width256 : IRowDot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Row(ref float a, ref float b, int length)
        {
            var s0 = Vector256<float>.Zero;
            var s1 = Vector256<float>.Zero;
            var s2 = Vector256<float>.Zero;
            var s3 = Vector256<float>.Zero;
            nint i = 0;
            for (; i <= length - 32; i += 32)
            {
                s0 = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a, (nuint)i), Vector256.LoadUnsafe(ref b, (nuint)i), s0);
                s1 = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a, (nuint)i + 8), Vector256.LoadUnsafe(ref b, (nuint)i + 8), s1);
                s2 = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a, (nuint)i + 16), Vector256.LoadUnsafe(ref b, (nuint)i + 16), s2);
                s3 = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a, (nuint)i + 24), Vector256.LoadUnsafe(ref b, (nuint)i + 24), s3);
            }
            for (; i <= length - 8; i += 8)
                s0 = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a, (nuint)i), Vector256.LoadUnsafe(ref b, (nuint)i), s0);
            var sum = Vector256.Sum((s0 + s1) + (s2 + s3));
            for (; i < length; i++)
                sum += Unsafe.Add(ref a, i) * Unsafe.Add(ref b, i);
            return sum;
        }
    }

    private readonly struct Width128 : IRowDot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Row(ref float a, ref float b, int length)
        {
            var s0 = Vector128<float>.Zero;
            var s1 = Vector128<float>.Zero;
            var s2 = Vector128<float>.Zero;
            var s3 = Vector128<float>.Zero;
            nint i = 0;
            for (; i <= length - 16; i += 16)
            {
                s0 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, (nuint)i), Vector128.LoadUnsafe(ref b, (nuint)i), s0);
                s1 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, (nuint)i + 4), Vector128.LoadUnsafe(ref b, (nuint)i + 4), s1);
                s2 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, (nuint)i + 8), Vector128.LoadUnsafe(ref b, (nuint)i + 8), s2);
                s3 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, (nuint)i + 12), Vector128.LoadUnsafe(ref b, (nuint)i + 12), s3);
            }
            for (; i <= length - 4; i += 4)
                s0 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, (nuint)i), Vector128.LoadUnsafe(ref b, (nuint)i), s0);
            var sum = Vector128.Sum((s0 + s1) + (s2 + s3));
            for (; i < length; i++)
                sum += Unsafe.Add(ref a, i) * Unsafe.Add(ref b, i);
            return sum;
        }
    }
}
