using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KgOrleans.Ranking.Keys;

/// <summary>Says what is wrong with JSON in the caller's terms: which field, what was expected. The serializer's own messages speak of .NET types.</summary>
public static class JsonDiagnosis
{
    /// <summary>Code of text that is no JSON at all.</summary>
    public const string InvalidJson = "invalidJson";

    /// <summary>Explains why a document did not become a <paramref name="type"/>.</summary>
    public static FieldError Explain(JsonException exception, Type type, JsonSerializerOptions options, string path)
    {
        var steps = JsonPaths.Steps(exception.Path);
        var field = JsonPaths.Join(path, JsonPaths.Of(steps));
        // The reader's own exception, an internal type, tells broken JSON from JSON of the wrong shape.
        if (exception.InnerException is JsonException)
            return Broken(exception, field);
        var at = type;
        for (var i = 0; i < steps.Count; i++)
        {
            var next = Step(at, steps[i], options);
            if (next is null)
            {
                var known = options.GetTypeInfo(at).Properties.Select(p => p.Name);
                return new FieldError(field, "unknownMember", $"is not known; known members are {string.Join(", ", known)}");
            }
            at = next;
        }
        var info = options.GetTypeInfo(at);
        if (info.Kind == JsonTypeInfoKind.Object && exception.InnerException is null
            && exception.Message.Contains("missing required", StringComparison.Ordinal))
        {
            var missing = info.Properties.FirstOrDefault(p => p.IsRequired && exception.Message.Contains($"'{p.Name}'", StringComparison.Ordinal))?.Name;
            return new FieldError(JsonPaths.Join(path, JsonPaths.Of([.. steps, missing ?? ""])), "required", "is required");
        }
        return new FieldError(field, at.IsEnum ? "unknownValue" : "wrongType", $"must be {Expected(at, options)}");
    }

    /// <summary>Explains broken JSON: the field that it broke at, and the position.</summary>
    public static FieldError Broken(JsonException exception, string? field = null) => new(
        field ?? JsonPaths.Join("", JsonPaths.Of(JsonPaths.Steps(exception.Path))),
        InvalidJson,
        $"is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");

    private static Type? Step(Type type, string step, JsonSerializerOptions options)
    {
        var info = options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => info.Properties.FirstOrDefault(p => p.Name == step) is { } property ? Bare(property.PropertyType) : null,
            JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => Bare(info.ElementType ?? typeof(object)),
            _ => null,
        };
    }

    private static Type Bare(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    /// <summary>What a value of a type looks like, for an error.</summary>
    public static string Expected(Type type, JsonSerializerOptions options)
    {
        if (type.IsEnum)
            return "one of " + string.Join(", ", EnumNames.Of(type));
        if (type == typeof(string))
            return "text of valid Unicode";
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(DateTimeOffset))
            return "an ISO 8601 time, as in 2026-01-31T12:00:00Z";
        if (type == typeof(int) || type == typeof(long))
            return "an integer";
        if (type == typeof(double) || type == typeof(float))
            return "a number";
        return options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Enumerable ? "an array" : "an object";
    }
}
