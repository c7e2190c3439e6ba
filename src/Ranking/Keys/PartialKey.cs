namespace KgOrleans.Ranking.Keys;

/// <summary>
/// 46 of the 64 bits of an item's key, for lists that hold many keys: its upper half and its lowest 14 bits. They tell the shard and the place in the map of
/// rows. Two of ten million items share them with a chance of about one in a million for each look-up.
/// </summary>
public static class PartialKey
{
    /// <summary>Bits of a partial key.</summary>
    public const int Bits = 46;

    /// <summary>Bytes of a partial key where it stands alone.</summary>
    public const int Bytes = 6;

    private const int LowBits = 14;
    private const ulong LowMask = (1UL << LowBits) - 1;

    /// <summary>The partial key of a key.</summary>
    public static ulong Of(ulong key) => (key >> 32 << LowBits) | (key & LowMask);

    /// <summary>The upper half of the keys that have a partial key.</summary>
    internal static uint UpperHalf(ulong partial) => (uint)(partial >> LowBits);

    /// <summary>The shard of the keys that have a partial key.</summary>
    public static int Shard(ulong partial, int shardCount) => Key64.Shard(partial, shardCount);

    /// <summary>Writes partial keys one after another, six bytes each.</summary>
    public static byte[] Pack(ReadOnlySpan<ulong> partials)
    {
        var bytes = new byte[partials.Length * Bytes];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(partials[i / Bytes] >> (i % Bytes * 8));
        return bytes;
    }

    /// <summary>The partial key at a place of what <see cref="Pack"/> wrote.</summary>
    public static ulong At(ReadOnlySpan<byte> packed, int place)
    {
        var partial = 0UL;
        for (var i = Bytes - 1; i >= 0; i--)
            partial = (partial << 8) | packed[(place * Bytes) + i];
        return partial;
    }
}
