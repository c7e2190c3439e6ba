using System.Buffers.Binary;
using KgOrleans.Api.Recommend;

namespace KgOrleans.Api.Export;

/// <summary>Where an export goes on.</summary>
/// <param name="Part">Number of the shard or event partition.</param>
/// <param name="From">Where in it; null for its beginning.</param>
internal readonly record struct ExportCursor(int Part, ulong? From);

/// <summary>Signs and opens cursors: a caller cannot make a place up that a log would have to look at.</summary>
/// <param name="key">The key of page tokens.</param>
internal sealed class ExportCursors(byte[] key)
{
    private const byte Purpose = 2;
    private const int Length = 14;
    private const int MaxTextLength = 128;

    private readonly SignedText _signed = new(key, Purpose, MaxTextLength);

    /// <summary>The cursor as callers see it; one of items is none of events.</summary>
    public string Sign(ExportSort sort, ExportCursor cursor)
    {
        Span<byte> content = stackalloc byte[Length];
        content[0] = (byte)sort;
        content[1] = (byte)(cursor.From is null ? 0 : 1);
        BinaryPrimitives.WriteInt32LittleEndian(content[2..], cursor.Part);
        BinaryPrimitives.WriteUInt64LittleEndian(content[6..], cursor.From ?? 0);
        return _signed.Sign(content);
    }

    /// <summary>Reads a cursor; null when it is none of this service and sort.</summary>
    public ExportCursor? Open(ExportSort sort, string text) =>
        _signed.Open(text) is { Length: Length } content && content[0] == (byte)sort
            ? new ExportCursor(
                BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(2)), content[1] == 0 ? null : BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(6)))
            : null;
}

/// <summary>What is exported.</summary>
internal enum ExportSort
{
    /// <summary>Documents of items.</summary>
    Items,

    /// <summary>Events.</summary>
    Events,
}
