using System.Text.Json;

namespace KgOrleans.Ranking.Keys;

/// <summary>Whether what JSON calls text is text: the reader accepts escapes and bytes that are none until somebody asks for the string.</summary>
public static class JsonText
{
    /// <summary>Whether every name and every text within is valid Unicode.</summary>
    public static bool IsValid(JsonElement json) => FindInvalid(json, "") is null;

    /// <summary>The first text that is not valid Unicode; null when all is well. A bad name is reported at the object that has it.</summary>
    /// <param name="json">What to search.</param>
    /// <param name="path">Its path; empty for a body.</param>
    public static FieldError? FindInvalid(JsonElement json, string path)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    if (NameOf(member) is not { } name)
                        return new FieldError(JsonPaths.Join(path, ""), "invalidText", "has a member whose name is not valid Unicode");
                    if (FindInvalid(member.Value, JsonPaths.Join(path, name)) is { } error)
                        return error;
                }
                return null;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var entry in json.EnumerateArray())
                {
                    if (FindInvalid(entry, $"{path}[{index++}]") is { } error)
                        return error;
                }
                return null;
            case JsonValueKind.String:
                return IsText(json) ? null : new FieldError(JsonPaths.Join(path, ""), "invalidText", "contains text that is not valid Unicode");
            default:
                return null;
        }
    }

    /// <summary>Name of a member; null when it is not valid Unicode.</summary>
    public static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsText(JsonElement json)
    {
        try
        {
            return json.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
