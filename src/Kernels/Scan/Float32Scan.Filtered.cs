using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Kernels.Scan;

public static unsafe partial class Float32Scan
{
    // Users whose codes share the first-level cache with a group of rows.
    private const int Group = 64;

    [SkipLocalsInit]
    private static void OfferFiltered(ReadOnlySpan<float> users, int dimension, in Float32Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        Span<byte> memory = stackalloc byte[CoarseUsers.BytesFor(Math.Min(Group, best.Length), dimension)];
        var codes = stackalloc sbyte[CoarseRows.AtATime * dimension];
        for (var from = 0; from < best.Length; from += Group)
        {
            var group = best.Slice(from, Math.Min(Group, best.Length - from));
            var vectors = users.Slice(from * dimension, group.Length * dimension);
            fixed (float* first = vectors)
            {
                var rows = new CoarseRows(block.RowPointer, dimension, first, codes);
                CoarseScan.Offer(
                    ref rows, block.Count, block.FirstRow, block.KeyPointer, CoarseUsers.Pack(vectors, dimension, memory), dimension,
                    eligible.Length > 1 ? eligible.Slice(from, group.Length) : eligible, group);
            }
        }
    }

    // Rows are quantised as they are read, 7 bits and a sign under a step of their own.
    private readonly struct CoarseRows(float* rows, int dimension, float* users, sbyte* codes) : ICoarseRows
    {
        public const int AtATime = 32;

        // Rows outside are scored exactly: margins computed from them could overflow or vanish.
        private const float Least = 1e-15f;
        private const float Most = 1e15f;
        private const float Steps = 127;

        public static bool AreRounded => true;

        public sbyte* Load(int row, int count, float* steps)
        {
            var from = rows + ((nint)row * dimension);
            for (var i = 0; i < count; i++, from += dimension)
                steps[i] = Quantise(from, codes + (i * dimension));
            for (var i = count; i < AtATime; i++)
                steps[i] = float.NaN;
            return codes;
        }

        public byte* At(int row) => (byte*)(rows + ((nint)row * dimension));

        public float Score(int row, int user) => DotProduct.Row512(users + ((nint)user * dimension), rows + ((nint)row * dimension), dimension);

        // Magnitudes compare as integers, in which a NaN is larger than infinity.
        private float Quantise(float* row, sbyte* to)
        {
            var magnitudes = Vector512<int>.Zero;
            for (var i = 0; i < dimension; i += 16)
                magnitudes = Vector512.Max(magnitudes, Vector512.Load(row + i).AsInt32() & Vector512.Create(int.MaxValue));
            var half = Vector256.Max(magnitudes.GetLower(), magnitudes.GetUpper());
            var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
            quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
            var largest = BitConverter.Int32BitsToSingle(Math.Max(quarter[0], quarter[1]));
            if (!(largest >= Least && largest <= Most))
            {
                new Span<sbyte>(to, dimension).Clear();
                return largest == 0 || float.IsNaN(largest) ? largest : float.PositiveInfinity;
            }
            var inverse = Vector512.Create(Steps / largest);
            var from = 0;
            // Two at a time: half as many stores.
            for (; from <= dimension - 32; from += 32)
                Vector256.Create(Narrow(row + from, inverse), Narrow(row + from + 16, inverse)).Store(to + from);
            if (from < dimension)
                Narrow(row + from, inverse).Store(to + from);
            return largest / Steps;
        }

        private static Vector128<sbyte> Narrow(float* row, Vector512<float> inverse) =>
            Avx512F.ConvertToVector128SByteWithSaturation(Avx512F.ConvertToVector512Int32(Vector512.Load(row) * inverse));
    }
}
