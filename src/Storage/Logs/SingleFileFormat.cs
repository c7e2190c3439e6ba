using System.Buffers.Binary;

namespace KgOrleans.Storage.Logs;

/// <summary>The header of a log as earlier versions kept it, in one file: read once, and copied into segments. All integers are little-endian.</summary>
/// <remarks>
/// <code>
/// header   magic[8] "KGRECLOG"  u32 version  u32 crc32c(version, log id)  log id[16], random
/// marks    two, as in a segment; absent in version 1
/// record   as in a segment; its offset in the file is its position
/// </code>
/// A mark says where the acknowledged records end. A tail that ends before the mark is damaged; one that ends behind it is an append that nobody was told of.
/// </remarks>
/// <param name="Records">Format of the log's records.</param>
/// <param name="FirstPosition">Position of the first record.</param>
/// <param name="Acknowledged">Where the acknowledged records end at least; 0 in version 1, which does not say.</param>
internal readonly record struct SingleFileFormat(SegmentFormat Records, int FirstPosition, long Acknowledged)
{
    /// <summary>The longest header of any version, marks included.</summary>
    public const int MaxHeaderBytes = FixedHeaderBytes + 2 * SegmentFormat.MarkBytes;

    private const uint Version = 2;
    private const int FixedHeaderBytes = 32;
    private const int VersionOffset = 8;
    private const int ChecksumOffset = 12;
    private const int IdOffset = 16;

    private static ReadOnlySpan<byte> Magic => "KGRECLOG"u8;

    /// <summary>Reads the header of a file.</summary>
    /// <exception cref="LogCorruptException">It is damaged, or no log's.</exception>
    /// <exception cref="StorageException">It is of a newer version.</exception>
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
        var records = new SegmentFormat(new Guid(header[IdOffset..FixedHeaderBytes]));
        return version > 1
            ? new SingleFileFormat(records, MaxHeaderBytes, records.ReadMarks(file, header[FixedHeaderBytes..]))
            : new SingleFileFormat(records, FixedHeaderBytes, 0);
    }

    private static uint HeaderChecksum(ReadOnlySpan<byte> header)
    {
        uint state = Crc32C.Append(Crc32C.Initial, header.Slice(VersionOffset, sizeof(uint)));
        return Crc32C.Finish(Crc32C.Append(state, header[IdOffset..FixedHeaderBytes]));
    }
}
