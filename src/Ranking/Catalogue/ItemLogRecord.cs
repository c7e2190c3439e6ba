using System.Buffers.Binary;
using System.Text.Json;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// A record of a shard's log: one operation byte, the time of the write (unix milliseconds, 8 bytes little-endian), then the document as UTF-8 JSON.
/// </summary>
/// <param name="Operation">What happened.</param>
/// <param name="At">When, unix milliseconds.</param>
/// <param name="Document">The document; for a deletion one with the id only.</param>
public readonly record struct ItemLogRecord(ItemLogOperation Operation, long At, ItemDocument Document)
{
    private const int HeaderSize = 9;

    /// <summary>Writes a record.</summary>
    public static byte[] Encode(ItemLogOperation operation, long at, ItemDocument document)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options);
        var bytes = new byte[HeaderSize + json.Length];
        bytes[0] = (byte)operation;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), at);
        json.CopyTo(bytes, HeaderSize);
        return bytes;
    }

    /// <summary>The JSON of a record's document, without a copy.</summary>
    public static ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> bytes) => bytes[HeaderSize..];

    /// <summary>Reads a record. Throws <see cref="FormatException"/> for bytes that are not a record.</summary>
    public static ItemLogRecord Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= HeaderSize || bytes[0] is not ((byte)ItemLogOperation.Put or (byte)ItemLogOperation.Delete))
            throw new FormatException("not an item record");
        try
        {
            var document = JsonSerializer.Deserialize<ItemDocument>(bytes[HeaderSize..], KgJson.Options);
            if (string.IsNullOrEmpty(document?.ItemId))
                throw new FormatException("an item record without an item");
            return new ItemLogRecord((ItemLogOperation)bytes[0], BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]), document);
        }
        catch (JsonException e)
        {
            throw new FormatException("an item record with broken JSON", e);
        }
    }
}
