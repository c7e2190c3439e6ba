using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Kernels.Dot;

public static unsafe partial class Int8Dot
{
    /// <summary>The exact sum of products of one row and one user; sums of integers need no common order.</summary>
    internal interface IInt8Sum
    {
        static abstract int Sum(sbyte* row, short* user, int dimension);
    }

    // Codes widen to 16 bits, two products add up to 32 bits in one instruction. Dimensions are multiples of 16: one widened vector of 512 bits takes 32
    // components,
    // and a half is left where the dimension is an odd multiple.
    internal readonly struct Width512 : IInt8Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int Sum(sbyte* row, short* user, int dimension) => Vector512.Sum(Lanes(row, user, dimension));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<int> Lanes(sbyte* row, short* user, int dimension)
        {
            var sum = Vector512<int>.Zero;
            var i = 0;
            for (; i <= dimension - 32; i += 32)
                sum += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row + i)), Vector512.Load(user + i));
            if (i < dimension)
                sum += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(row + i)), Vector256.Load(user + i)).ToVector512();
            return sum;
        }
    }

    internal readonly struct Width256 : IInt8Sum
    {
        public static int Sum(sbyte* row, short* user, int dimension)
        {
            var sum = Vector256<int>.Zero;
            for (var i = 0; i < dimension; i += 16)
                sum += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(row + i)), Vector256.Load(user + i));
            return Vector256.Sum(sum);
        }
    }

    internal readonly struct Width128 : IInt8Sum
    {
        public static int Sum(sbyte* row, short* user, int dimension)
        {
            var sum = Vector128<int>.Zero;
            for (var i = 0; i < dimension; i += 16)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(row + i));
                sum += MultiplyAdd(low, Vector128.Load(user + i)) + MultiplyAdd(high, Vector128.Load(user + i + 8));
            }
            return Vector128.Sum(sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<int> MultiplyAdd(Vector128<short> a, Vector128<short> b)
        {
            if (Sse2.IsSupported)
                return Sse2.MultiplyAddAdjacent(a, b);
            var (a0, a1) = Vector128.Widen(a);
            var (b0, b1) = Vector128.Widen(b);
            return (a0 * b0) + (a1 * b1);
        }
    }

    internal readonly struct WidthScalar : IInt8Sum
    {
        public static int Sum(sbyte* row, short* user, int dimension) => SumScalar(row, user, dimension);
    }
}
