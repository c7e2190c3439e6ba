using System.Text.Json;

namespace KgOrleans.Ranking.Keys;

/// <summary>Whether what JSON calls text is text: the reader accepts escapes and bytes that are none until somebody asks for the string.</summary>
public static class JsonText
{
    /// <summary>Whether every name and every text within is valid Unicode.</summary>
    public static bool IsValid(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.Object => json.EnumerateObject().All(member => member.Name is not null && IsValid(member.Value)),
                JsonValueKind.Array => json.EnumerateArray().All(IsValid),
                JsonValueKind.String => json.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
