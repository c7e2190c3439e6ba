using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace KgOrleans.Ranking.Keys;

/// <summary>
/// Compares JSON with a type, member by member: unknown and repeated members, wrong types, nulls, what is missing. The serializer stops at the first of them; a
/// long document deserves to hear of all, and what is left of it can be checked for more.
/// </summary>
public static class JsonShape
{
    // An answer is for people: a document with more than these is no attempt at one.
    private const int MaxErrors = 100;

    /// <summary>Compares a document with a type.</summary>
    /// <param name="json">The document.</param>
    /// <param name="options">How the type is read.</param>
    /// <param name="checks">Receives the errors, a hundred at most.</param>
    /// <returns>The document without what does not fit; null when it cannot be left out.</returns>
    public static JsonNode? Fit<T>(JsonElement json, JsonSerializerOptions options, FieldChecks checks) =>
        Fit(json, options.GetTypeInfo(typeof(T)), "", checks, out var fitted) ? fitted : null;

    private static bool Fit(JsonElement json, JsonTypeInfo type, string path, FieldChecks checks, out JsonNode? fitted)
    {
        fitted = null;
        if (checks.Errors.Count >= MaxErrors)
            return false;
        return type.Kind switch
        {
            JsonTypeInfoKind.Object => FitObject(json, type, path, checks, out fitted),
            JsonTypeInfoKind.Dictionary => FitNamed(json, type, path, checks, out fitted),
            JsonTypeInfoKind.Enumerable => FitList(json, type, path, checks, out fitted),
            _ => FitValue(json, type, path, checks, out fitted),
        };
    }

    private static bool FitObject(JsonElement json, JsonTypeInfo type, string path, FieldChecks checks, out JsonNode? fitted)
    {
        fitted = null;
        if (json.ValueKind != JsonValueKind.Object)
            return Misfit(checks, path, "wrongType", "must be an object");
        var result = new JsonObject();
        var missing = type.Properties.Where(IsRequired).Select(p => p.Name).ToHashSet();
        var fits = true;
        foreach (var member in json.EnumerateObject())
        {
            if (!TryName(member, path, checks, out var name, out var at))
                continue;
            if (type.Properties.FirstOrDefault(p => p.Name == name) is not { } property)
                Misfit(checks, at, "unknownMember", $"is not known; known members are {string.Join(", ", type.Properties.Select(p => p.Name))}");
            else if (result.ContainsKey(name))
                Misfit(checks, at, "duplicateMember", "appears twice");
            else if (FitMember(member.Value, property, type.Options, at, checks, out var value))
                result.Add(name, value);
            else
                fits &= !IsRequired(property);
            missing.Remove(name);
        }
        foreach (var name in missing)
            fits = Misfit(checks, JsonPaths.Join(path, name), "required", "is required");
        fitted = result;
        return fits;
    }

    // A parameter of a record without a default would silently be zero or null.
    private static bool IsRequired(JsonPropertyInfo property) => property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false };

    private static bool FitMember(
        JsonElement json, JsonPropertyInfo property, JsonSerializerOptions options, string path, FieldChecks checks, out JsonNode? fitted)
    {
        fitted = null;
        var isNull = json.ValueKind == JsonValueKind.Null;
        if (isNull && !property.IsSetNullable)
            return Misfit(checks, path, "wrongType", "must not be null");
        return isNull || Fit(json, options.GetTypeInfo(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType), path, checks, out fitted);
    }

    private static bool FitNamed(JsonElement json, JsonTypeInfo type, string path, FieldChecks checks, out JsonNode? fitted)
    {
        fitted = null;
        if (json.ValueKind != JsonValueKind.Object)
            return Misfit(checks, path, "wrongType", "must be an object");
        var result = new JsonObject();
        foreach (var member in json.EnumerateObject())
        {
            if (!TryName(member, path, checks, out var name, out var at))
                continue;
            if (result.ContainsKey(name))
                Misfit(checks, at, "duplicateMember", "appears twice");
            else if (Fit(member.Value, type.Options.GetTypeInfo(type.ElementType!), at, checks, out var value))
                result.Add(name, value);
        }
        fitted = result;
        return true;
    }

    private static bool FitList(JsonElement json, JsonTypeInfo type, string path, FieldChecks checks, out JsonNode? fitted)
    {
        fitted = null;
        if (json.ValueKind != JsonValueKind.Array)
            return Misfit(checks, path, "wrongType", "must be an array");
        var result = new JsonArray();
        var fits = true;
        var index = 0;
        foreach (var entry in json.EnumerateArray())
        {
            fits &= Fit(entry, type.Options.GetTypeInfo(type.ElementType!), $"{path}[{index++}]", checks, out var value);
            result.Add(value);
        }
        fitted = result;
        // Without an entry the paths of those after it would be wrong.
        return fits;
    }

    private static bool FitValue(JsonElement json, JsonTypeInfo type, string path, FieldChecks checks, out JsonNode? fitted)
    {
        fitted = null;
        if (!JsonText.IsValid(json))
            return Misfit(checks, path, "invalidText", "contains text that is not valid Unicode");
        try
        {
            if (type.Type != typeof(JsonElement) && (json.ValueKind == JsonValueKind.Null || json.Deserialize(type) is null))
                return Misfit(checks, path, "wrongType", $"must be {JsonDiagnosis.Expected(type.Type, type.Options)}");
        }
        catch (JsonException)
        {
            return Misfit(checks, path, type.Type.IsEnum ? "unknownValue" : "wrongType", $"must be {JsonDiagnosis.Expected(type.Type, type.Options)}");
        }
        fitted = JsonSerializer.SerializeToNode(json);
        return true;
    }

    private static bool TryName(JsonProperty member, string path, FieldChecks checks, out string name, out string at)
    {
        (name, at) = ("", path);
        if (checks.Errors.Count >= MaxErrors)
            return false;
        if (JsonText.NameOf(member) is not { } text)
            return Misfit(checks, path, "invalidText", "has a member whose name is not valid Unicode");
        name = text;
        at = JsonPaths.Join(path, name);
        return true;
    }

    private static bool Misfit(FieldChecks checks, string path, string code, string message)
    {
        if (checks.Errors.Count < MaxErrors)
            checks.Add(path.Length == 0 ? "$" : path, code, message);
        return false;
    }
}
