using System.Text.Json;
using System.Text.Json.Serialization;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Events;

/// <summary>
/// Event types in JSON by their names in <see cref="EventTypes"/>. Logs and stored states outlive a configuration: a name that no type has any more is read as
/// <see cref="EventType.Retired"/>. What callers send is held to the names of today (<see cref="InputJson"/>).
/// </summary>
internal sealed class EventTypeConverter : JsonConverter<EventType>, IOpenEnum<EventType>
{
    /// <inheritdoc />
    public IReadOnlyList<string> Names => [.. EventTypes.All.Select(t => t.Name)];

    /// <inheritdoc />
    public string NameOf(EventType value) => EventTypes.Of(value).Name;

    /// <inheritdoc />
    public bool TryFind(string name, out EventType value) => EventTypes.Table.TryFind(name, out value);

    /// <inheritdoc />
    public override EventType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.String ? throw new JsonException() : TryFind(reader.GetString()!, out var type) ? type : EventType.Retired;

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, EventType value, JsonSerializerOptions options) => writer.WriteStringValue(NameOf(value));
}
