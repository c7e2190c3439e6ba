using System.Buffers;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains;

/// <summary>Lines of an export up to what one message holds.</summary>
internal sealed class ExportPart
{
    // A few milliseconds of reading, and a message that no other one waits long for.
    private const int MostLines = 2_000;
    private const int FullBytes = 1 << 20;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private int _count;

    /// <summary>Most lines of a part.</summary>
    public static int Most => MostLines;

    /// <summary>Whether the next line belongs to the next part.</summary>
    public bool IsFull => _count >= MostLines || _lines.WrittenCount >= FullBytes;

    /// <summary>Adds a document or an event.</summary>
    public void Add<T>(T document)
    {
        using (var writer = new Utf8JsonWriter(_lines))
            JsonSerializer.Serialize(writer, document, KgJson.Options);
        _lines.Write("\n"u8);
        _count++;
    }

    /// <summary>The part; <paramref name="next"/> is null when there are no more.</summary>
    public ExportReply End(ulong? next) => new(_lines.WrittenSpan.ToArray(), next, Warming: false);
}
