using System.Buffers.Binary;

namespace KgOrleans.Storage.Logs;

/// <summary>The bytes of a log as earlier versions kept it, in one file: read once, and copied into segments. All integers are little-endian.</summary>
/// <remarks>
/// <code>
/// header   magic[8] "KGRECLOG"  u32 version  u32 crc32c(version, log id)  log id[16], random
/// marks    two of: u64 end  u32 crc32c(log id, end)  u32 0                 absent in version 1
/// record   u32 length           u32 crc32c(log id, u64 position, u32 length, payload)   payload[length]
/// </code>
/// The checksum covers the log's id and the record's position, so that neither a payload that contains a log image nor a block of another file can pass
/// for a record: the search for a record behind damage relies on it.
/// A mark says where the acknowledged records end. It is written after each flush and before the acknowledgement, in turn into the one and the other place,
/// so that one of the two is always whole. A tail that ends before the mark is damaged; one that ends behind it is an append that nobody was told of.
/// </remarks>
internal readonly struct SingleFileFormat
{
    public const int RecordHeaderBytes = 8;
    public const int MarkBytes = 16;
    public const uint Version = 2;

    /// <summary>The longest header of any version, marks included.</summary>
    public const int MaxHeaderBytes = FixedHeaderBytes + 2 * MarkBytes;

    private const int FixedHeaderBytes = 32;

    private const int VersionOffset = 8;
    private const int ChecksumOffset = 12;
    private const int IdOffset = 16;

    private readonly uint _seed;

    private SingleFileFormat(ReadOnlySpan<byte> header, bool hasMarks)
    {
        _seed = Crc32C.Append(Crc32C.Initial, header[IdOffset..FixedHeaderBytes]);
        Id = new Guid(header[IdOffset..FixedHeaderBytes]);
        HasMarks = hasMarks;
    }

    /// <summary>What tells this log from every other one.</summary>
    public Guid Id { get; }

    /// <summary>Whether the log says where its acknowledged records end. Logs of version 1 do not.</summary>
    public bool HasMarks { get; }

    /// <summary>Position of the first record.</summary>
    public int FirstPosition => HasMarks ? MaxHeaderBytes : FixedHeaderBytes;

    private static ReadOnlySpan<byte> Magic => "KGRECLOG"u8;

    public static SingleFileFormat ReadHeader(string file, ReadOnlySpan<byte> header)
    {
        if (header.Length < FixedHeaderBytes || !header.StartsWith(Magic))
            throw new LogCorruptException(file, 0, "the file header is missing; this is not a record log.");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[VersionOffset..]);
        if (version > Version)
            throw new StorageException(
                $"Log {file} has format version {version}; this build reads up to {Version}. Use the newer build that wrote it.", isTransient: false);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumOffset..]) != HeaderChecksum(header))
            throw new LogCorruptException(file, 0, "the file header fails its checksum.");
        if (version > 1 && header.Length < MaxHeaderBytes)
            throw new LogCorruptException(file, 0, "the file ends within its header.");
        return new SingleFileFormat(header, hasMarks: version > 1);
    }

    /// <summary>Where the file keeps one of the two marks.</summary>
    public static long OffsetOfMark(int place) => FixedHeaderBytes + place * MarkBytes;

    private void WriteMark(Span<byte> destination, long end)
    {
        destination[..MarkBytes].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(destination, end);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[sizeof(ulong)..], Crc32C.Finish(Crc32C.Append(_seed, destination[..sizeof(ulong)])));
    }

    /// <summary>Where the acknowledged records end at least: the later of the marks that are whole.</summary>
    /// <exception cref="LogCorruptException">Neither is whole.</exception>
    public long ReadMarks(string file, ReadOnlySpan<byte> header)
    {
        if (!HasMarks)
            return 0;
        long end = 0;
        Span<byte> expected = stackalloc byte[MarkBytes];
        for (int place = 0; place < 2; place++)
        {
            var mark = header.Slice((int)OffsetOfMark(place), MarkBytes);
            long stated = BinaryPrimitives.ReadInt64LittleEndian(mark);
            WriteMark(expected, stated);
            if (mark.SequenceEqual(expected))
                end = Math.Max(end, stated);
        }
        return end > 0 ? end : throw new LogCorruptException(file, 0, "both marks of the acknowledged end fail their checksums.");
    }

    /// <summary>Length that a record header states; it can be trusted only after <see cref="IsValid"/>.</summary>
    public static uint ReadLength(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record);

    /// <summary>Whether a whole record, header and payload, is what was written at that position.</summary>
    public bool IsValid(long position, ReadOnlySpan<byte> record) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) == Checksum(position, record[RecordHeaderBytes..]);

    private static uint HeaderChecksum(ReadOnlySpan<byte> header)
    {
        uint state = Crc32C.Append(Crc32C.Initial, header.Slice(VersionOffset, sizeof(uint)));
        return Crc32C.Finish(Crc32C.Append(state, header[IdOffset..FixedHeaderBytes]));
    }

    private uint Checksum(long position, ReadOnlySpan<byte> payload)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, position);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[sizeof(ulong)..], (uint)payload.Length);
        return Crc32C.Finish(Crc32C.Append(Crc32C.Append(_seed, prefix), payload));
    }
}
