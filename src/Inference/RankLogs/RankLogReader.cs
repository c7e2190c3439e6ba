using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.RankLogs;

/// <summary>Reads the rank logs of <see cref="RankLogWriter"/>. Every fault of a file is an <see cref="InvalidDataException"/>.</summary>
public sealed class RankLogReader : IDisposable
{
    // A request of the largest schema and page is far smaller; a broken length must not exhaust memory.
    private const int MaxPayload = 256 << 20;

    private readonly Stream _stream;
    private byte[] _buffer = new byte[1 << 16];

    /// <summary>Opens a log and reads its header. The stream is disposed with the reader.</summary>
    public RankLogReader(Stream stream)
    {
        _stream = stream;
        Span<byte> magic = stackalloc byte[4];
        if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4 || BinaryPrimitives.ReadUInt32LittleEndian(magic) != RankLogWriter.Magic)
            throw new InvalidDataException("the file is not a rank log");
        var length = ReadPayload();
        if (length < 0)
            throw NoHeader();
        try
        {
            Header = JsonSerializer.Deserialize<RankLogHeader>(_buffer.AsSpan(0, length), KgJson.Options) ?? throw NoHeader();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the header of the rank log is not valid: {e.Message}", e);
        }
        if (Header.Format != RankLogHeader.CurrentFormat)
            throw new InvalidDataException($"the rank log has format {Header.Format}; this version reads format {RankLogHeader.CurrentFormat}");
    }

    /// <summary>The header.</summary>
    public RankLogHeader Header { get; }

    /// <summary>Reads the next request into a record of this log's header; false at the end.</summary>
    public bool Read(RankLogRecord record)
    {
        var length = ReadPayload();
        if (length < 0)
            return false;
        var rows = length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(_buffer);
        var expected = (long)sizeof(int);
        foreach (var column in Header.Columns)
            expected += (long)column.RowBytes * (column.PerRequest ? 1 : rows);
        if (rows < 0 || expected != length)
            throw new InvalidDataException("the length of a record does not fit the columns of the rank log");
        record.Read(_buffer.AsSpan(sizeof(int), length - sizeof(int)), rows);
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => _stream.Dispose();

    private static InvalidDataException NoHeader() => new("the rank log has no header");

    private int ReadPayload()
    {
        Span<byte> head = stackalloc byte[8];
        var read = _stream.ReadAtLeast(head, 8, throwOnEndOfStream: false);
        if (read == 0)
            return -1;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (read < 8 || length < 0 || length > MaxPayload)
            throw new InvalidDataException("a record of the rank log is cut short or has an impossible length");
        if (_buffer.Length < length)
            _buffer = new byte[Math.Max(length, Math.Min(MaxPayload, 2 * _buffer.Length))];
        if (_stream.ReadAtLeast(_buffer.AsSpan(0, length), length, throwOnEndOfStream: false) < length
            || Crc32.HashToUInt32(_buffer.AsSpan(0, length)) != BinaryPrimitives.ReadUInt32LittleEndian(head[4..]))
            throw new InvalidDataException("a record of the rank log does not match its checksum");
        return length;
    }
}
