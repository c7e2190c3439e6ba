using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KgOrleans.Ranking.Keys;

/// <summary>
/// JSON as callers send it: <see cref="KgJson"/>, stricter. A missing <c>kind</c> or <c>type</c> would silently be the enumeration's first value, and an
/// enumeration would take lists of names.
/// </summary>
public static class InputJson
{
    /// <summary>Options for whole documents.</summary>
    public static JsonSerializerOptions Options { get; } = Create(required: true);

    /// <summary>Options for merge patches and for settings with defaults, where every member may be absent.</summary>
    public static JsonSerializerOptions PatchOptions { get; } = Create(required: false);

    /// <summary>Limits that apply before any type is known.</summary>
    public static JsonDocumentOptions DocumentOptions { get; } = new() { MaxDepth = KgJson.Options.MaxDepth };

    /// <summary>Reads one document. False, with the error that names the field, when it is broken or does not fit the type.</summary>
    /// <param name="utf8">The document.</param>
    /// <param name="path">Path of the document in the caller's body, as in <c>events[3]</c>; empty for the body itself.</param>
    /// <param name="options"><see cref="Options"/> or <see cref="PatchOptions"/>.</param>
    /// <param name="value">What was read.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryRead<T>(ReadOnlySpan<byte> utf8, string path, JsonSerializerOptions options, out T value, out FieldError error)
        where T : class
    {
        error = default;
        value = null!;
        try
        {
            if (JsonSerializer.Deserialize<T>(utf8, options) is { } read)
            {
                value = read;
                return true;
            }
            error = new FieldError(JsonPaths.Join(path, ""), "wrongType", "must be an object, not null");
        }
        catch (JsonException exception)
        {
            error = JsonDiagnosis.Explain(exception, typeof(T), options, path);
        }
        return false;
    }

    private static JsonSerializerOptions Create(bool required)
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        if (required)
            resolver.Modifiers.Add(RequireEnumerations);
        var options = new JsonSerializerOptions(KgJson.Options) { TypeInfoResolver = resolver };
        options.Converters.Insert(0, new EnumNames());
        options.MakeReadOnly();
        return options;
    }

    private static void RequireEnumerations(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            property.IsRequired |= property.PropertyType.IsEnum;
    }

    private sealed class EnumNames : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(EnumNameConverter<>).MakeGenericType(typeToConvert))!;
    }

    private sealed class EnumNameConverter<T> : JsonConverter<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value) ? value : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
    }
}
