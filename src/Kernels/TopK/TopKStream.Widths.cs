using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Kernels.TopK;

/// <summary>Comparing with the threshold a block of scores at a time, and compaction with compress instructions where there are any.</summary>
public sealed partial class TopKStream
{
    // Blocks of 64 scores share one branch, and one word of the bitmap. Equal to the threshold survives (its key may be smaller); NaN compares false.
    private void OfferRows(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int firstRow, ReadOnlySpan<ulong> eligible)
    {
        var i = 0;
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            ref var first = ref MemoryMarshal.GetReference(scores);
            ref var firstKey = ref MemoryMarshal.GetReference(keys);
            for (; i <= scores.Length - 64; i += 64)
            {
                var bound = Vector512.Create(Threshold);
                ref var block = ref Unsafe.Add(ref first, i);
                var mask = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block), bound).ExtractMostSignificantBits()
                    | (Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 16), bound).ExtractMostSignificantBits() << 16)
                    | (Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 32), bound).ExtractMostSignificantBits() << 32)
                    | (Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 48), bound).ExtractMostSignificantBits() << 48);
                if (mask == 0)
                    continue;
                if (!eligible.IsEmpty)
                    mask &= eligible[i >> 6];
                AppendBlock(mask, ref block, ref keys.IsEmpty ? ref Unsafe.NullRef<ulong>() : ref Unsafe.Add(ref firstKey, i), firstRow + i);
            }
        }
        else if (Vector.IsHardwareAccelerated)
        {
            for (; i <= scores.Length - 64; i += 64)
            {
                var bound = new Vector<float>(Threshold);
                var any = Vector<int>.Zero;
                for (var j = i; j < i + 64; j += Vector<float>.Count)
                    any |= Vector.GreaterThanOrEqual(new Vector<float>(scores[j..]), bound);
                if (any != Vector<int>.Zero)
                    OfferScalar(
                        scores.Slice(i, 64), keys.IsEmpty ? default : keys.Slice(i, 64), firstRow + i, eligible.IsEmpty ? default : eligible.Slice(i >> 6, 1));
            }
        }
        OfferScalar(scores[i..], keys.IsEmpty ? default : keys[i..], firstRow + i, eligible.IsEmpty ? default : eligible[(i >> 6)..]);
    }

    // Few survivors, the usual case, go one at a time. Many go eight at a time through a compress, whose cost does not depend on which survive.
    private void AppendBlock(ulong mask, ref float scores, ref ulong keys, int firstRow)
    {
        if (BitOperations.PopCount(mask) <= 4)
        {
            for (; mask != 0; mask &= mask - 1)
            {
                var i = BitOperations.TrailingZeroCount(mask);
                Offer(Unsafe.Add(ref scores, i), firstRow + i, Unsafe.IsNullRef(ref keys) ? 0 : Unsafe.Add(ref keys, i));
            }
            return;
        }
        var rows = Vector512.Create((ulong)(uint)firstRow) + Vector512<ulong>.Indices;
        for (var i = 0; i < 64; i += 8)
        {
            var lanes = (uint)(mask >> i) & 0xFF;
            var score = Vector256.LoadUnsafe(ref scores, (nuint)i) + Vector256<float>.Zero;
            var bits = score.AsInt32();
            var rank = ~(bits ^ (Vector256.ShiftRightArithmetic(bits, 31) | Vector256.Create(int.MinValue)));
            var entries = Vector512.ShiftLeft(Avx512F.ConvertToVector512UInt64(rank.AsUInt32()), 32) | (rows + Vector512.Create((ulong)i));
            var chosen = LaneMask(lanes);
            Avx512F.Compress(Vector512<ulong>.Zero, chosen, entries).StoreUnsafe(ref _entries[_count]);
            var key = Unsafe.IsNullRef(ref keys) ? Vector512<ulong>.Zero : Vector512.LoadUnsafe(ref keys, (nuint)i);
            Avx512F.Compress(Vector512<ulong>.Zero, chosen, key).StoreUnsafe(ref _keys[_count]);
            _count += BitOperations.PopCount(lanes);
            if (_count >= _room)
                KeepBest();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> LaneMask(uint lanes) =>
        ~Vector512.Equals(Vector512.Create((ulong)lanes) & Vector512.Create(1UL, 2, 4, 8, 16, 32, 64, 128), Vector512<ulong>.Zero);

    // Keeps entries at most the limit, in place: what is written never passes what is read.
    private int Compact(ulong limit)
    {
        var i = 0;
        var to = 0;
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            ref var entries = ref MemoryMarshal.GetArrayDataReference(_entries);
            ref var keys = ref MemoryMarshal.GetArrayDataReference(_keys);
            var bound = Vector512.Create(limit);
            for (; i <= _count - 8; i += 8)
            {
                var block = Vector512.LoadUnsafe(ref entries, (nuint)i);
                var keep = Vector512.LessThanOrEqual(block, bound);
                Avx512F.Compress(Vector512<ulong>.Zero, keep, block).StoreUnsafe(ref entries, (nuint)to);
                Avx512F.Compress(Vector512<ulong>.Zero, keep, Vector512.LoadUnsafe(ref keys, (nuint)i)).StoreUnsafe(ref keys, (nuint)to);
                to += BitOperations.PopCount(keep.ExtractMostSignificantBits());
            }
        }
        return CompactScalar(i, to, limit);
    }
}
