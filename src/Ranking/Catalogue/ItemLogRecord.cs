using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// A record of a shard's log. It holds what the model made of the document beside the document, so that loading it runs no model.
/// </summary>
/// <remarks>
/// <code>
/// u8 0x80 + operation  u8 0  i64 at, unix milliseconds  i64 version
/// u8 length, space id as ASCII    u16 d, d x f32 item vector    u16 r, r x f32 vector of the recall head    document as UTF-8 JSON
/// </code>
/// Integers and floats are little-endian. Records of earlier versions are u8 operation, i64 at, document: they have no version and no vectors.
/// </remarks>
public sealed class ItemLogRecord
{
    private const byte Marker = 0x80;
    private const int EarlierHeaderSize = 9;
    private const int HeaderSize = 18;

    private ItemLogRecord(ItemLogOperation operation, long at, ItemDocument document)
    {
        Operation = operation;
        At = at;
        Document = document;
    }

    /// <summary>What happened.</summary>
    public ItemLogOperation Operation { get; }

    /// <summary>When, unix milliseconds.</summary>
    public long At { get; }

    /// <summary>The document; for a deletion one with the id only.</summary>
    public ItemDocument Document { get; }

    /// <summary>The item's version from this write on; null in a record of an earlier version, whose position it is.</summary>
    public long? Version { get; private init; }

    /// <summary>Space of the vectors; empty without any.</summary>
    public string SpaceId { get; private init; } = "";

    /// <summary>Vector of the item tower; empty without one.</summary>
    public float[] Vector { get; private init; } = [];

    /// <summary>Vector of the recall head; empty without one.</summary>
    public float[] Recall { get; private init; } = [];

    /// <summary>Writes a record.</summary>
    /// <param name="operation">What happened.</param>
    /// <param name="at">When, unix milliseconds.</param>
    /// <param name="version">The item's version from this write on.</param>
    /// <param name="json">The document as UTF-8 JSON; for a deletion one with the id only.</param>
    /// <param name="spaceId">Space of the vectors, an id; empty without any.</param>
    /// <param name="vector">Vector of the item tower; empty without one.</param>
    /// <param name="recall">Vector of the recall head; empty without one.</param>
    public static byte[] Encode(
        ItemLogOperation operation, long at, long version, ReadOnlySpan<byte> json, string spaceId = "", ReadOnlySpan<float> vector = default,
        ReadOnlySpan<float> recall = default)
    {
        var bytes = new byte[HeaderSize + 1 + spaceId.Length + LengthOf(vector) + LengthOf(recall) + json.Length];
        bytes[0] = (byte)(Marker | (byte)operation);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), at);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), version);
        bytes[HeaderSize] = checked((byte)spaceId.Length);
        var rest = bytes.AsSpan(HeaderSize + 1);
        rest = rest[Encoding.ASCII.GetBytes(spaceId, rest)..];
        rest = Write(rest, vector);
        rest = Write(rest, recall);
        json.CopyTo(rest);
        return bytes;
    }

    /// <summary>The JSON of a record's document, without a copy. Throws <see cref="FormatException"/> for bytes that are not a record.</summary>
    public static ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= EarlierHeaderSize)
            throw NoRecord();
        if ((bytes[0] & Marker) == 0)
            return bytes[EarlierHeaderSize..];
        var reader = new Reader(bytes);
        return reader.ReadParts(out _, out _, out _);
    }

    /// <summary>Reads a record. Throws <see cref="FormatException"/> for bytes that are not a record.</summary>
    public static ItemLogRecord Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= EarlierHeaderSize)
            throw NoRecord();
        var operation = (ItemLogOperation)(bytes[0] & ~Marker);
        if (operation is not (ItemLogOperation.Put or ItemLogOperation.Delete))
            throw NoRecord();
        if ((bytes[0] & Marker) == 0)
            return new ItemLogRecord(operation, BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]), DocumentOf(bytes[EarlierHeaderSize..]));
        var reader = new Reader(bytes);
        var json = reader.ReadParts(out var space, out var vector, out var recall);
        return new ItemLogRecord(operation, BinaryPrimitives.ReadInt64LittleEndian(bytes[2..]), DocumentOf(json))
        {
            Version = BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]),
            SpaceId = Encoding.ASCII.GetString(space),
            Vector = FloatsOf(vector),
            Recall = FloatsOf(recall),
        };
    }

    private static ItemDocument DocumentOf(ReadOnlySpan<byte> json)
    {
        try
        {
            var document = JsonSerializer.Deserialize<ItemDocument>(json, KgJson.Options);
            return string.IsNullOrEmpty(document?.ItemId) ? throw new FormatException("an item record without an item") : document;
        }
        catch (JsonException e)
        {
            throw new FormatException("an item record with broken JSON", e);
        }
    }

    private static int LengthOf(ReadOnlySpan<float> vector) => sizeof(ushort) + vector.Length * sizeof(float);

    private static Span<byte> Write(Span<byte> target, ReadOnlySpan<float> vector)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, checked((ushort)vector.Length));
        for (var i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(target[(sizeof(ushort) + i * sizeof(float))..], vector[i]);
        return target[LengthOf(vector)..];
    }

    private static float[] FloatsOf(ReadOnlySpan<byte> bytes)
    {
        var floats = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < floats.Length; i++)
            floats[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return floats;
    }

    private static FormatException NoRecord() => new("not an item record");

    /// <summary>Walks the parts of a record.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        /// <summary>Reads the parts behind the header; returns the document.</summary>
        public ReadOnlySpan<byte> ReadParts(out ReadOnlySpan<byte> space, out ReadOnlySpan<byte> vector, out ReadOnlySpan<byte> recall)
        {
            if (Take(HeaderSize)[1] != 0)
                throw NoRecord();
            space = Take(Take(1)[0]);
            vector = Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort))) * sizeof(float));
            recall = Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort))) * sizeof(float));
            return _rest;
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (_rest.Length < count)
                throw NoRecord();
            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }
    }
}
