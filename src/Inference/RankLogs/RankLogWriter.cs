using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.RankLogs;

/// <summary>
/// Writes a rank log: the magic <c>KGRL</c>, then records of length (uint32), CRC-32 of the payload (uint32) and payload, little-endian. The first payload is
/// the header as UTF-8 JSON; every other payload is the row count (uint32) and the columns in the order of the header, each contiguous.
/// </summary>
public sealed class RankLogWriter : IDisposable
{
    internal const uint Magic = 0x4C52474B;

    private readonly Stream _stream;
    private byte[] _buffer = [];

    /// <summary>Begins a log. The stream is disposed with the writer.</summary>
    public RankLogWriter(Stream stream, RankLogHeader header)
    {
        _stream = stream;
        Header = header;
        Span<byte> magic = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, Magic);
        stream.Write(magic);
        WritePayload(JsonSerializer.SerializeToUtf8Bytes(header, KgJson.Options));
    }

    /// <summary>The header.</summary>
    public RankLogHeader Header { get; }

    /// <summary>Writes one request.</summary>
    public void Write(RankLogRecord record)
    {
        var length = record.PayloadBytes;
        if (_buffer.Length < length)
            _buffer = new byte[2 * length];
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, record.Rows);
        var at = sizeof(int);
        for (var c = 0; c < Header.Columns.Count; c++)
        {
            record.Bytes(c).CopyTo(_buffer.AsSpan(at));
            at += record.BytesOf(c);
        }
        WritePayload(_buffer.AsSpan(0, length));
    }

    /// <inheritdoc />
    public void Dispose() => _stream.Dispose();

    private void WritePayload(ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(head, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Crc32.HashToUInt32(payload));
        _stream.Write(head);
        _stream.Write(payload);
    }
}
