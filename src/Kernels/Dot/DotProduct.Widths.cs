using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KgOrleans.Kernels.Dot;

public static partial class DotProduct
{
    // One accumulator of sixteen lanes on every width, as one, two or four registers; consecutive rows are independent and hide the latency of the chain.
    // A last block that is not whole is padded with zeros on the stack, so that nothing is read past the row; fma(0, 0, s) = s leaves its lanes alone.
    private readonly struct Width512 : IRowDot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Row(ref float a, ref float b, int length) => Fold(Lanes(ref a, ref b, length));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Lanes(ref float a, ref float b, int length)
        {
            var sum = Vector512<float>.Zero;
            nint i = 0;
            for (; i <= length - Block; i += Block)
                sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, (nuint)i), Vector512.LoadUnsafe(ref b, (nuint)i), sum);
            return i == length ? sum : Tail(ref Unsafe.Add(ref a, i), ref Unsafe.Add(ref b, i), length - (int)i, sum);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static Vector512<float> Tail(ref float a, ref float b, int length, Vector512<float> sum)
        {
            var x = new Padded(ref a, length);
            var y = new Padded(ref b, length);
            return Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x.First), Vector512.LoadUnsafe(ref y.First), sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float Fold(Vector512<float> lanes) => Width128.Fold(Width256.Fold(lanes.GetLower() + lanes.GetUpper()));
    }

    private readonly struct Width256 : IRowDot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Row(ref float a, ref float b, int length)
        {
            var s0 = Vector256<float>.Zero;
            var s1 = Vector256<float>.Zero;
            nint i = 0;
            for (; i <= length - Block; i += Block)
                Add(ref Unsafe.Add(ref a, i), ref Unsafe.Add(ref b, i), ref s0, ref s1);
            if (i < length)
                Tail(ref Unsafe.Add(ref a, i), ref Unsafe.Add(ref b, i), length - (int)i, ref s0, ref s1);
            return Width128.Fold(Fold(s0 + s1));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Fold(Vector256<float> lanes) => lanes.GetLower() + lanes.GetUpper();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(ref float a, ref float b, ref Vector256<float> s0, ref Vector256<float> s1)
        {
            s0 = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a), Vector256.LoadUnsafe(ref b), s0);
            s1 = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref a, 8), Vector256.LoadUnsafe(ref b, 8), s1);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Tail(ref float a, ref float b, int length, ref Vector256<float> s0, ref Vector256<float> s1)
        {
            var x = new Padded(ref a, length);
            var y = new Padded(ref b, length);
            Add(ref x.First, ref y.First, ref s0, ref s1);
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
            for (; i <= length - Block; i += Block)
                Add(ref Unsafe.Add(ref a, i), ref Unsafe.Add(ref b, i), ref s0, ref s1, ref s2, ref s3);
            if (i < length)
                Tail(ref Unsafe.Add(ref a, i), ref Unsafe.Add(ref b, i), length - (int)i, ref s0, ref s1, ref s2, ref s3);
            return Fold((s0 + s2) + (s1 + s3));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Fold(Vector128<float> lanes)
        {
            lanes += Vector128.Shuffle(lanes, Vector128.Create(2, 3, 0, 1));
            return lanes[0] + lanes[1];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(ref float a, ref float b, ref Vector128<float> s0, ref Vector128<float> s1, ref Vector128<float> s2, ref Vector128<float> s3)
        {
            s0 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a), Vector128.LoadUnsafe(ref b), s0);
            s1 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, 4), Vector128.LoadUnsafe(ref b, 4), s1);
            s2 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, 8), Vector128.LoadUnsafe(ref b, 8), s2);
            s3 = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref a, 12), Vector128.LoadUnsafe(ref b, 12), s3);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Tail(
            ref float a, ref float b, int length, ref Vector128<float> s0, ref Vector128<float> s1, ref Vector128<float> s2, ref Vector128<float> s3)
        {
            var x = new Padded(ref a, length);
            var y = new Padded(ref b, length);
            Add(ref x.First, ref y.First, ref s0, ref s1, ref s2, ref s3);
        }
    }

    // A partial block of components, with zeros behind them.
    private ref struct Padded
    {
        private Components _components;

        public Padded(ref float first, int length)
        {
            _components = default;
            for (var i = 0; i < length; i++)
                _components[i] = Unsafe.Add(ref first, i);
        }

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref float First => ref _components[0];

        [InlineArray(Block)]
        private struct Components
        {
            private float _first;
        }
    }
}
