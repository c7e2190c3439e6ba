using System.Buffers.Binary;
using System.Runtime.InteropServices;
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
/// u8 0x80 + operation  u8 flags  i64 at, unix milliseconds  i64 version
/// u8 length, space id as ASCII    u16 d, d x f32 item vector    u16 r, r x f32 vector of the recall head
/// u8 n, n x i64 positions counted, with flag 1    document as UTF-8 JSON
/// </code>
/// Integers and floats are little-endian. Records of earlier versions are u8 operation, i64 at, document: they have no version and no vectors.
/// </remarks>
public sealed class ItemLogRecord
{
    private const byte Marker = 0x80;
    private const byte CountedFlag = 1;
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

    /// <summary>
    /// Up to where the shard had counted each partition of the event log when this write created the item: earlier events do not count for it. Empty for an
    /// item that was there, and where nothing had been counted.
    /// </summary>
    public long[] CountedTo { get; private init; } = [];

    /// <summary>Writes a record.</summary>
    /// <param name="operation">What happened.</param>
    /// <param name="at">When, unix milliseconds.</param>
    /// <param name="version">The item's version from this write on.</param>
    /// <param name="json">The document as UTF-8 JSON; for a deletion one with the id only.</param>
    /// <param name="spaceId">Space of the vectors, an id; empty without any.</param>
    /// <param name="vector">Vector of the item tower; empty without one.</param>
    /// <param name="recall">Vector of the recall head; empty without one.</param>
    /// <param name="countedTo">For a write that creates the item <see cref="CountedTo"/>; empty otherwise.</param>
    public static byte[] Encode(
        ItemLogOperation operation, long at, long version, ReadOnlySpan<byte> json, string spaceId = "", ReadOnlySpan<float> vector = default,
        ReadOnlySpan<float> recall = default, ReadOnlySpan<long> countedTo = default)
    {
        var counted = countedTo.IsEmpty ? 0 : 1 + countedTo.Length * sizeof(long);
        var bytes = new byte[HeaderSize + 1 + spaceId.Length + LengthOf(vector) + LengthOf(recall) + counted + json.Length];
        bytes[0] = (byte)(Marker | (byte)operation);
        bytes[1] = countedTo.IsEmpty ? (byte)0 : CountedFlag;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), at);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), version);
        bytes[HeaderSize] = checked((byte)spaceId.Length);
        var rest = bytes.AsSpan(HeaderSize + 1);
        rest = rest[Encoding.ASCII.GetBytes(spaceId, rest)..];
        rest = Write(rest, vector);
        rest = Write(rest, recall);
        if (!countedTo.IsEmpty)
        {
            rest[0] = checked((byte)countedTo.Length);
            for (var i = 0; i < countedTo.Length; i++)
                BinaryPrimitives.WriteInt64LittleEndian(rest[(1 + i * sizeof(long))..], countedTo[i]);
        }
        json.CopyTo(rest[counted..]);
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
        return reader.ReadParts(out _, out _, out _, out _);
    }

    /// <summary>
    /// What a load has to know of every record before it reads the newest of each item: a fraction of what <see cref="Decode"/> costs. Throws
    /// <see cref="FormatException"/> for bytes that are not a record.
    /// </summary>
    public static (ItemLogOperation Operation, string ItemId, long? Version, long[] CountedTo) Peek(ReadOnlySpan<byte> bytes)
    {
        var operation = OperationOf(bytes);
        if ((bytes[0] & Marker) == 0)
            return (operation, IdOf(bytes[EarlierHeaderSize..]), null, []);
        var reader = new Reader(bytes);
        var json = reader.ReadParts(out _, out _, out _, out var countedTo);
        return (operation, IdOf(json), BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]), LongsOf(countedTo));
    }

    /// <summary>
    /// Version and vectors of a record, as they stand in its bytes. The version is null and the vectors are empty in a record of an earlier version. Throws
    /// <see cref="FormatException"/> for bytes that are not a record.
    /// </summary>
    public static ItemLogVectors VectorsOf(ReadOnlySpan<byte> bytes)
    {
        OperationOf(bytes);
        if ((bytes[0] & Marker) == 0)
            return default;
        var reader = new Reader(bytes);
        reader.ReadParts(out var space, out var vector, out var recall, out _);
        return new ItemLogVectors(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]), space, MemoryMarshal.Cast<byte, float>(vector), MemoryMarshal.Cast<byte, float>(recall));
    }

    /// <summary>Reads a record. Throws <see cref="FormatException"/> for bytes that are not a record.</summary>
    public static ItemLogRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var operation = OperationOf(bytes);
        if ((bytes[0] & Marker) == 0)
            return new ItemLogRecord(operation, BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]), DocumentOf(bytes[EarlierHeaderSize..]));
        var reader = new Reader(bytes);
        var json = reader.ReadParts(out var space, out var vector, out var recall, out var countedTo);
        return new ItemLogRecord(operation, BinaryPrimitives.ReadInt64LittleEndian(bytes[2..]), DocumentOf(json))
        {
            Version = BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]),
            SpaceId = Encoding.ASCII.GetString(space),
            Vector = FloatsOf(vector),
            Recall = FloatsOf(recall),
            CountedTo = LongsOf(countedTo),
        };
    }

    private static ItemLogOperation OperationOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= EarlierHeaderSize)
            throw NoRecord();
        var operation = (ItemLogOperation)(bytes[0] & ~Marker);
        return operation is ItemLogOperation.Put or ItemLogOperation.Delete ? operation : throw NoRecord();
    }

    private static string IdOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                var isId = reader.ValueTextEquals("itemId"u8);
                if (isId && reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } id)
                    return id;
                reader.Skip();
            }
        }
        catch (JsonException e)
        {
            throw new FormatException("an item record with broken JSON", e);
        }
        throw new FormatException("an item record without an item");
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

    private static long[] LongsOf(ReadOnlySpan<byte> bytes)
    {
        var longs = bytes.IsEmpty ? [] : new long[bytes.Length / sizeof(long)];
        for (var i = 0; i < longs.Length; i++)
            longs[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
        return longs;
    }

    private static FormatException NoRecord() => new("not an item record");

    /// <summary>Walks the parts of a record.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        /// <summary>Reads the parts behind the header; returns the document.</summary>
        public ReadOnlySpan<byte> ReadParts(
            out ReadOnlySpan<byte> space, out ReadOnlySpan<byte> vector, out ReadOnlySpan<byte> recall, out ReadOnlySpan<byte> countedTo)
        {
            var flags = Take(HeaderSize)[1];
            if ((flags & ~CountedFlag) != 0)
                throw NoRecord();
            space = Take(Take(1)[0]);
            vector = Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort))) * sizeof(float));
            recall = Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort))) * sizeof(float));
            countedTo = flags == CountedFlag ? Take(Take(1)[0] * sizeof(long)) : [];
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
