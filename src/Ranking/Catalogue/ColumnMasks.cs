using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// Compares 64 consecutive values of a column: one bit per row, bit 0 for the first. Processors without 512-bit vectors run the same code in halves or
/// quarters.
/// </summary>
internal static unsafe class ColumnMasks
{
    /// <summary>Which values equal one.</summary>
    public static ulong Equal(int* values, int value)
    {
        var wanted = Vector512.Create(value);
        return Vector512.Equals(Vector512.Load(values), wanted).ExtractMostSignificantBits()
            | (Vector512.Equals(Vector512.Load(values + 16), wanted).ExtractMostSignificantBits() << 16)
            | (Vector512.Equals(Vector512.Load(values + 32), wanted).ExtractMostSignificantBits() << 32)
            | (Vector512.Equals(Vector512.Load(values + 48), wanted).ExtractMostSignificantBits() << 48);
    }

    /// <summary>Which bytes equal one.</summary>
    public static ulong Equal(byte* values, byte value) => Vector512.Equals(Vector512.Load(values), Vector512.Create(value)).ExtractMostSignificantBits();

    /// <summary>Which bytes have any of some bits.</summary>
    public static ulong AnyBit(byte* values, byte bits) =>
        ~Vector512.Equals(Vector512.Load(values) & Vector512.Create(bits), Vector512<byte>.Zero).ExtractMostSignificantBits();

    /// <summary>Which values lie within bounds, both included; NaN never does.</summary>
    public static ulong Within(float* values, float low, float high)
    {
        var (least, most) = (Vector512.Create(low), Vector512.Create(high));
        ulong mask = 0;
        for (var i = 0; i < 64; i += Vector512<float>.Count)
        {
            var x = Vector512.Load(values + i);
            mask |= (Vector512.GreaterThanOrEqual(x, least) & Vector512.LessThanOrEqual(x, most)).ExtractMostSignificantBits() << i;
        }
        return mask;
    }

    /// <summary>Which values reach a bound; NaN never does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong AtLeast(float* values, float low)
    {
        var least = Vector512.Create(low);
        ulong mask = 0;
        for (var i = 0; i < 64; i += Vector512<float>.Count)
            mask |= Vector512.GreaterThanOrEqual(Vector512.Load(values + i), least).ExtractMostSignificantBits() << i;
        return mask;
    }

    /// <summary>Which values lie within bounds, both included.</summary>
    public static ulong Within(long* values, long low, long high)
    {
        var (least, most) = (Vector512.Create(low), Vector512.Create(high));
        ulong mask = 0;
        for (var i = 0; i < 64; i += Vector512<long>.Count)
        {
            var x = Vector512.Load(values + i);
            mask |= (Vector512.GreaterThanOrEqual(x, least) & Vector512.LessThanOrEqual(x, most)).ExtractMostSignificantBits() << i;
        }
        return mask;
    }
}
