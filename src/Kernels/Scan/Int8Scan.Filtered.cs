using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Kernels.Scan;

public static unsafe partial class Int8Scan
{
    [SkipLocalsInit]
    private static void OfferFiltered(in QuantisedUsers users, in Int8Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        fixed (short* codes = users.Codes(0))
        fixed (float* scales = users.Scales)
        {
            var last = stackalloc sbyte[CoarseRows.AtATime * users.Dimension];
            var rows = new CoarseRows(block.CodePointer, block.ScalePointer, users.Dimension, codes, scales, last);
            CoarseScan.Offer(ref rows, block.Count, block.FirstRow, block.KeyPointer, users.Coarse, users.Dimension, eligible, best);
        }
    }

    // The codes are the rows' own: what the filter misses is the user's rounding alone.
    private readonly struct CoarseRows(sbyte* codes, float* scales, int dimension, short* users, float* userScales, sbyte* last) : ICoarseRows
    {
        public const int AtATime = 32;

        // Steps outside could overflow or vanish in products.
        private const float Least = 1e-20f;
        private const float Most = 1e15f;

        public static bool AreRounded => false;

        public sbyte* Load(int row, int count, float* steps)
        {
            var from = codes + ((nint)row * dimension);
            if (count < AtATime)
            {
                new ReadOnlySpan<sbyte>(from, count * dimension).CopyTo(new Span<sbyte>(last, count * dimension));
                for (var i = 0; i < AtATime; i++)
                    steps[i] = i < count ? scales[row + i] : float.NaN;
                Classify(Vector512.Load(steps)).Store(steps);
                Classify(Vector512.Load(steps + 16)).Store(steps + 16);
                return last;
            }
            Classify(Vector512.Load(scales + row)).Store(steps);
            Classify(Vector512.Load(scales + row + 16)).Store(steps + 16);
            return from;
        }

        public byte* At(int row) => (byte*)(codes + ((nint)row * dimension));

        public float Score(int row, int user) =>
            Int8Dot.Score(Int8Dot.Width512.Sum(codes + ((nint)row * dimension), users + ((nint)user * dimension), dimension), scales[row], userScales[user]);

        // Zero and NaN stay what they are.
        private static Vector512<float> Classify(Vector512<float> scale)
        {
            var unfit = Vector512.LessThan(scale, Vector512.Create(Least)) & Vector512.GreaterThan(scale, Vector512<float>.Zero);
            unfit |= Vector512.GreaterThan(scale, Vector512.Create(Most));
            return Vector512.ConditionalSelect(unfit, Vector512.Create(float.PositiveInfinity), scale);
        }
    }
}
