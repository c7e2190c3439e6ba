using System.Buffers.Binary;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Objects;

/// <summary>
/// A file of records that is written once. Every byte is under a checksum that is bound to the file and to the place, so that a record of another file or place
/// is no record.
/// </summary>
/// <remarks>
/// <code>
/// header   "KGRF"  u32 version  u64 id of the file, random
/// record   u32 length of the payload  u32 CRC-32C of (id, offset, payload)  payload
/// footer   "KGRE"  u32 CRC-32C of (id, offset, what follows)  i64 records  u32 CRC-32C of the records' checksums in order  u32 0
/// </code>
/// Integers are little-endian.
/// </remarks>
internal static class RecordFileFormat
{
    public const int Version = 1;
    public const int HeaderBytes = 16;
    public const int RecordHeaderBytes = 8;
    public const int FooterBytes = 24;

    private static ReadOnlySpan<byte> HeaderMark => "KGRF"u8;

    private static ReadOnlySpan<byte> FooterMark => "KGRE"u8;

    public static void WriteHeader(Span<byte> target, ulong id)
    {
        HeaderMark.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], id);
    }

    /// <summary>The id of the file.</summary>
    /// <exception cref="LogCorruptException">It is no such file.</exception>
    /// <exception cref="StorageException">It is of a newer format.</exception>
    public static ulong ReadHeader(string file, ReadOnlySpan<byte> header)
    {
        if (!header[..4].SequenceEqual(HeaderMark))
            throw new LogCorruptException(file, 0, "the header is damaged.");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        return version == Version
            ? BinaryPrimitives.ReadUInt64LittleEndian(header[8..])
            : throw new StorageException(
                $"{file} has format {version}; this build reads {Version}. Use the newer build that wrote it.", isTransient: false);
    }

    public static uint WriteRecordHeader(Span<byte> target, ulong id, long offset, ReadOnlySpan<byte> payload)
    {
        uint checksum = Checksum(id, offset, payload);
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], checksum);
        return checksum;
    }

    public static int ReadLength(ReadOnlySpan<byte> header) =>
        (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(header), int.MaxValue);

    public static uint ReadChecksum(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);

    public static void WriteFooter(Span<byte> target, ulong id, long offset, long records, uint recordsChecksum)
    {
        FooterMark.CopyTo(target);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], records);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], recordsChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Checksum(id, offset, target[8..FooterBytes]));
    }

    /// <summary>Number of records, and the checksum of their checksums.</summary>
    /// <exception cref="LogCorruptException">The footer is damaged, as that of a file that was cut off.</exception>
    public static (long Records, uint Checksum) ReadFooter(string file, ReadOnlySpan<byte> footer, ulong id, long offset)
    {
        if (!footer[..4].SequenceEqual(FooterMark)
            || BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) != Checksum(id, offset, footer[8..FooterBytes]))
            throw new LogCorruptException(file, offset, "the footer is damaged or missing.");
        return (BinaryPrimitives.ReadInt64LittleEndian(footer[8..]), BinaryPrimitives.ReadUInt32LittleEndian(footer[16..]));
    }

    public static uint Checksum(ulong id, long offset, ReadOnlySpan<byte> payload)
    {
        Span<byte> place = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(place, id);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], offset);
        return Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Initial, place), payload));
    }

    /// <summary>Folds a record's checksum into that of all records.</summary>
    public static uint Fold(uint state, uint checksum)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, checksum);
        return Crc32C.Append(state, bytes);
    }
}
