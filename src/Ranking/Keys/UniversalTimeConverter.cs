using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Keys;

/// <summary>Times in JSON: ISO 8601. One that names no offset is UTC, whatever zone the machine that reads it stands in: silos must agree.</summary>
public sealed class UniversalTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>Reads a time outside a document; false when the element is none.</summary>
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
