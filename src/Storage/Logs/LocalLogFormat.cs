using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KgOrleans.Storage.Logs;

/// <summary>The bytes of a local log file. All integers are little-endian.</summary>
/// <remarks>
/// <code>
/// header   magic[8] "KGRECLOG"  u32 version  u32 crc32c(version, log id)  log id[16], random
/// record   u32 length           u32 crc32c(log id, u64 position, u32 length, payload)   payload[length]
/// </code>
/// The checksum covers the log's id and the record's position, so that neither a payload that contains a log image nor a block of another file can pass
/// for a record: the search for a record behind damage relies on it.
/// </remarks>
internal readonly struct LocalLogFormat
{
    public const int HeaderBytes = 32;
    public const int RecordHeaderBytes = 8;
    public const uint Version = 1;

    private const int VersionOffset = 8;
    private const int ChecksumOffset = 12;
    private const int IdOffset = 16;

    private readonly uint _seed;

    private LocalLogFormat(ReadOnlySpan<byte> header) => _seed = Crc32C.Append(Crc32C.Initial, header[IdOffset..HeaderBytes]);

    private static ReadOnlySpan<byte> Magic => "KGRECLOG"u8;

    public static byte[] CreateHeader()
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(VersionOffset), Version);
        RandomNumberGenerator.Fill(header.AsSpan(IdOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(ChecksumOffset), HeaderChecksum(header));
        return header;
    }

    public static LocalLogFormat ReadHeader(string file, ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderBytes || !header.StartsWith(Magic))
            throw new LogCorruptException(file, 0, "the file header is missing; this is not a record log.");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[VersionOffset..]);
        if (version > Version)
            throw new StorageException(
                $"Log {file} has format version {version}; this build reads up to {Version}. Use the newer build that wrote it.", isTransient: false);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumOffset..]) != HeaderChecksum(header))
            throw new LogCorruptException(file, 0, "the file header fails its checksum.");
        return new LocalLogFormat(header);
    }

    /// <summary>Length that a record header states; it can be trusted only after <see cref="IsValid"/>.</summary>
    public static uint ReadLength(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record);

    /// <summary>Writes a record that will stand at <paramref name="position"/>; returns its size in the file.</summary>
    public int WriteRecord(Span<byte> destination, long position, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)payload.Length);
        payload.CopyTo(destination[RecordHeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Checksum(position, payload));
        return RecordHeaderBytes + payload.Length;
    }

    /// <summary>Whether a whole record, header and payload, is what was written at that position.</summary>
    public bool IsValid(long position, ReadOnlySpan<byte> record) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) == Checksum(position, record[RecordHeaderBytes..]);

    private static uint HeaderChecksum(ReadOnlySpan<byte> header)
    {
        uint state = Crc32C.Append(Crc32C.Initial, header.Slice(VersionOffset, sizeof(uint)));
        return Crc32C.Finish(Crc32C.Append(state, header[IdOffset..HeaderBytes]));
    }

    private uint Checksum(long position, ReadOnlySpan<byte> payload)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, position);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[sizeof(ulong)..], (uint)payload.Length);
        return Crc32C.Finish(Crc32C.Append(Crc32C.Append(_seed, prefix), payload));
    }
}
