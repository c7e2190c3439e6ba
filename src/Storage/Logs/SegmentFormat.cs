using System.Buffers.Binary;

namespace KgOrleans.Storage.Logs;

/// <summary>The bytes of a segment. All integers are little-endian.</summary>
/// <remarks>
/// <code>
/// header   magic[8] "KGLOGSEG"  u32 version  u32 crc32c(version, log id, first)  log id[16]  i64 first  i64 0
///          two marks of 16 bytes, which only the local disk uses: u64 end  u32 crc32c(log id, end)  u32 0
/// record   u32 length  u32 crc32c(log id, u64 position, u32 length, payload)  payload[length]
/// </code>
/// A record at position p of a segment that starts at position f stands at offset <see cref="HeaderBytes"/> + p - f. Positions go on from segment to segment
/// and are never used again. The checksum covers the log's id and the record's position, so that neither a payload that contains a log image nor a block of
/// another file can pass for a record: the search for a record behind damage relies on it.
/// </remarks>
internal readonly struct SegmentFormat
{
    /// <summary>Version in the header.</summary>
    public const uint Version = 3;

    /// <summary>Bytes before the first record.</summary>
    public const int HeaderBytes = 80;

    /// <summary>Bytes before a record's payload.</summary>
    public const int RecordHeaderBytes = 8;

    /// <summary>Bytes of a mark.</summary>
    public const int MarkBytes = 16;

    /// <summary>Position of a log's first record: 0 stands for "from the beginning".</summary>
    public const long FirstPosition = 64;

    private const int VersionOffset = 8;
    private const int ChecksumOffset = 12;
    private const int IdOffset = 16;
    private const int FirstOffset = 32;
    private const int MarksOffset = 48;

    private readonly uint _seed;

    /// <summary>The format of a log's segments.</summary>
    public SegmentFormat(Guid id)
    {
        Id = id;
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        _seed = Crc32C.Append(Crc32C.Initial, bytes);
    }

    /// <summary>What tells this log from every other one.</summary>
    public Guid Id { get; }

    private static ReadOnlySpan<byte> Magic => "KGLOGSEG"u8;

    /// <summary>The header of a segment that starts at a position; its marks say that nothing behind it was acknowledged.</summary>
    public byte[] CreateHeader(long first)
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(VersionOffset), Version);
        Id.TryWriteBytes(header.AsSpan(IdOffset));
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(FirstOffset), first);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(ChecksumOffset), HeaderChecksum(header));
        for (int place = 0; place < 2; place++)
            WriteMark(header.AsSpan(OffsetOfMark(place)), HeaderBytes);
        return header;
    }

    /// <summary>The log's id as a header states it.</summary>
    public static Guid IdOf(ReadOnlySpan<byte> header) => new(header.Slice(IdOffset, 16));

    /// <summary>Refuses a header that is not that of a segment of this log at this position.</summary>
    /// <exception cref="LogCorruptException">It is damaged, or another segment's.</exception>
    public void CheckHeader(string file, ReadOnlySpan<byte> header, long first)
    {
        if (header.Length < HeaderBytes || !header.StartsWith(Magic))
            throw new LogCorruptException(file, first, "the file header is missing; this is not a segment of a log.");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[VersionOffset..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumOffset..]) != HeaderChecksum(header))
            throw new LogCorruptException(file, first, "the file header fails its checksum.");
        if (version > Version)
            throw new StorageException(
                $"Log {file} has format version {version}; this build reads up to {Version}. Use the newer build that wrote it.", isTransient: false);
        if (IdOf(header) != Id || BinaryPrimitives.ReadInt64LittleEndian(header[FirstOffset..]) != first)
            throw new LogCorruptException(file, first, "the file is a segment of another log, or of another place.");
    }

    /// <summary>Where the header keeps one of the two marks.</summary>
    public static int OffsetOfMark(int place) => MarksOffset + place * MarkBytes;

    /// <summary>Writes a mark: a segment's bytes up to <paramref name="end"/> are about to be acknowledged.</summary>
    public void WriteMark(Span<byte> destination, long end)
    {
        destination[..MarkBytes].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(destination, end);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[sizeof(ulong)..], Crc32C.Finish(Crc32C.Append(_seed, destination[..sizeof(ulong)])));
    }

    /// <summary>How much of a file was acknowledged at least: the later of the marks that are whole.</summary>
    /// <param name="file">The file as an operator finds it.</param>
    /// <param name="marks">Its two marks.</param>
    /// <exception cref="LogCorruptException">Neither is whole.</exception>
    public long ReadMarks(string file, ReadOnlySpan<byte> marks)
    {
        long end = 0;
        Span<byte> expected = stackalloc byte[MarkBytes];
        for (int place = 0; place < 2; place++)
        {
            var mark = marks.Slice(place * MarkBytes, MarkBytes);
            long stated = BinaryPrimitives.ReadInt64LittleEndian(mark);
            WriteMark(expected, stated);
            if (mark.SequenceEqual(expected))
                end = Math.Max(end, stated);
        }
        return end > 0 ? end : throw new LogCorruptException(file, 0, "both marks of the acknowledged end fail their checksums.");
    }

    /// <summary>Length that a record header states; it can be trusted only after <see cref="IsValid"/>.</summary>
    public static uint ReadLength(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record);

    /// <summary>Writes a record that will stand at <paramref name="position"/>; returns its size in the segment.</summary>
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
        return Crc32C.Finish(Crc32C.Append(state, header[IdOffset..MarksOffset]));
    }

    private uint Checksum(long position, ReadOnlySpan<byte> payload)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, position);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[sizeof(ulong)..], (uint)payload.Length);
        return Crc32C.Finish(Crc32C.Append(Crc32C.Append(_seed, prefix), payload));
    }
}
