using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Keys;

/// <summary>Times in JSON, ISO 8601. A time without an offset is UTC in every time zone of a machine, so that all silos read the same time.</summary>
public sealed class UniversalTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>Reads a time from a JSON element by the same rules; false when the element is not a time.</summary>
    public static bool TryRead(JsonElement json, out DateTimeOffset time)
    {
        time = default;
        if (json.ValueKind != JsonValueKind.String || !json.TryGetDateTime(out var read))
            return false;
        if (read.Kind != DateTimeKind.Unspecified)
            return json.TryGetDateTimeOffset(out time);
        time = new DateTimeOffset(read, TimeSpan.Zero);
        return true;
    }

    /// <inheritdoc />
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var read = reader.GetDateTime();
        return read.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(read, TimeSpan.Zero) : reader.GetDateTimeOffset();
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
