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

    /// <summary>
    /// Reads a whole document and checks it, for every error at once: what does not fit the type is left out, and the rules are checked on the rest.
    /// </summary>
    /// <param name="utf8">The document.</param>
    /// <param name="validate">The rules of the document.</param>
    /// <param name="value">The document; null when there are errors.</param>
    /// <returns>The errors; empty for a good document.</returns>
    public static IReadOnlyList<FieldError> Read<T>(ReadOnlySpan<byte> utf8, Func<T, IReadOnlyList<FieldError>> validate, out T? value)
        where T : class
    {
        value = null;
        if (!TryRead<T>(utf8, "", Options, out var read, out var error))
            return Misfits(utf8, error, validate);
        var errors = validate(read);
        value = errors.Count == 0 ? read : null;
        return errors;
    }

    private static IReadOnlyList<FieldError> Misfits<T>(ReadOnlySpan<byte> utf8, FieldError first, Func<T, IReadOnlyList<FieldError>> validate)
        where T : class
    {
        if (first.Code == JsonDiagnosis.InvalidJson)
            return [first];
        JsonElement json;
        try
        {
            json = JsonElement.Parse(utf8, DocumentOptions);
        }
        catch (JsonException)
        {
            // The type was broken before the JSON was.
            return [first, BrokenJson.Locate(utf8)];
        }
        var checks = new FieldChecks();
        JsonShape.Fit<T>(json, Options, checks);
        if (checks.Errors.Count == 0)
            return [first];
        // Read as a patch, in which every member may be absent, the document without what does not fit can be checked for the rest.
        if (JsonShape.Fit<T>(json, PatchOptions, new FieldChecks()) is { } fitting)
        {
            // Free JSON within, such as a filter, may still be what the serializer refuses.
            var rules = TryRead<T>(JsonSerializer.SerializeToUtf8Bytes(fitting), "", PatchOptions, out var rest, out var error) ? validate(rest) : [error];
            HashSet<string> known = [.. checks.Errors.Select(e => e.Field)];
            foreach (var found in rules.Where(e => !known.Contains(e.Field)))
                checks.Add(found.Field, found.Code, found.Message);
        }
        return checks.Errors;
    }

    private static JsonSerializerOptions Create(bool required)
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        resolver.Modifiers.Add(HideMembers);
        if (required)
            resolver.Modifiers.Add(RequireEnumerations);
        var options = new JsonSerializerOptions(KgJson.Options) { TypeInfoResolver = resolver };
        options.Converters.Insert(0, new StrictEnums());
        options.MakeReadOnly();
        return options;
    }

    // Members that are no JSON would be listed among the known ones, and members that only the service writes would be read.
    private static void HideMembers(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            var property = type.Properties[i];
            if (property is { Get: null, Set: null } || property.AttributeProvider?.IsDefined(typeof(NotInputAttribute), inherit: false) == true)
                type.Properties.RemoveAt(i);
        }
    }

    private static void RequireEnumerations(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            property.IsRequired |= property.PropertyType.IsEnum;
    }

    private sealed class StrictEnums : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(EnumNameConverter<>).MakeGenericType(typeToConvert))!;
    }

    private sealed class EnumNameConverter<T> : JsonConverter<T>
        where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && EnumNamesOf<T>.TryFind(reader.GetString()!, out var value) ? value : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(EnumNamesOf<T>.NameOf(value));
    }
}
