using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Keys;

/// <summary>
/// Times in JSON, ISO 8601. A time without an offset is UTC in every time zone of a machine, so that all silos read the same time. Offsets may lack their colon
/// or their minutes (<c>+0800</c>, <c>+08</c>), as many exports write them.
/// </summary>
public sealed class UniversalTimeConverter : JsonConverter<DateTimeOffset>
{
    // The longest time has 33 characters.
    private const int MaxLength = 64;

    /// <summary>Reads a time from a JSON element by the same rules; false when the element is not a time.</summary>
    public static bool TryRead(JsonElement json, out DateTimeOffset time)
    {
        time = default;
        if (json.ValueKind != JsonValueKind.String)
            return false;
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json.GetRawText()));
        return reader.Read() && TryRead(ref reader, out time);
    }

    /// <inheritdoc />
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryRead(ref reader, out var time) ? time : throw new JsonException();

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    private static bool TryRead(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        time = default;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        if (!reader.TryGetDateTime(out var read))
            return TryReadOffset(ref reader, out time);
        if (read.Kind != DateTimeKind.Unspecified)
            return reader.TryGetDateTimeOffset(out time);
        time = new DateTimeOffset(read, TimeSpan.Zero);
        return true;
    }

    // Writes the offset out as the reader knows it, and reads again.
    private static bool TryReadOffset(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        time = default;
        if (reader.ValueIsEscaped || reader.HasValueSequence || reader.ValueSpan.Length > MaxLength)
            return false;
        var text = reader.ValueSpan;
        var clock = text.IndexOf((byte)'T');
        var offset = clock < 0 ? -1 : text[clock..].LastIndexOfAny((byte)'+', (byte)'-');
        if (offset < 0)
            return false;
        ReadOnlySpan<byte> before = text[..(clock + offset + 1)], digits = text[(clock + offset + 1)..];
        if (digits.Length is not (2 or 4) || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        byte[] whole = [(byte)'"', .. before, .. digits[..2], (byte)':', .. digits.Length == 4 ? digits[2..] : "00"u8, (byte)'"'];
        var rewritten = new Utf8JsonReader(whole);
        return rewritten.Read() && rewritten.TryGetDateTimeOffset(out time);
    }
}
