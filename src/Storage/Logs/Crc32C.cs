using System.Buffers.Binary;
using System.Numerics;

namespace KgOrleans.Storage.Logs;

/// <summary>
/// CRC-32C (Castagnoli, reflected), eight bytes an instruction where the processor has one; System.IO.Hashing offers only the IEEE polynomial.
/// </summary>
internal static class Crc32C
{
    /// <summary>State before the first byte.</summary>
    public const uint Initial = uint.MaxValue;

    /// <summary>Folds bytes into a running state.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }
        foreach (byte value in data)
            state = BitOperations.Crc32C(state, value);
        return state;
    }

    /// <summary>The checksum of everything folded in.</summary>
    public static uint Finish(uint state) => ~state;
}
