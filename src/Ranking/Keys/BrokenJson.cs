using System.Text.Json;

namespace KgOrleans.Ranking.Keys;

/// <summary>Finds the field at which JSON is broken: the document parser reports a position only.</summary>
public static class BrokenJson
{
    /// <summary>Reads up to the error and names the field that was being read.</summary>
    public static FieldError Locate(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = InputJson.DocumentOptions.MaxDepth });
        var open = new Stack<Level>();
        try
        {
            while (reader.Read())
                Follow(ref reader, open);
        }
        catch (JsonException exception)
        {
            List<string> steps = [.. open.Reverse().Select(level => level.Index >= 0 ? $"[{level.Index}]" : level.Name).Where(step => step.Length > 0)];
            return JsonDiagnosis.Broken(exception, JsonPaths.Join("", JsonPaths.Of(steps)));
        }
        return new FieldError("$", JsonDiagnosis.InvalidJson, "is not valid JSON");
    }

    private static void Follow(ref Utf8JsonReader reader, Stack<Level> open)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                open.Peek().Name = reader.ValueIsEscaped ? "" : System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                open.Push(new Level { Index = reader.TokenType == JsonTokenType.StartArray ? 0 : -1 });
                break;
            default:
                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                    open.Pop();
                // A value is complete: what breaks next belongs to the parent, or to the array's next entry.
                if (open.TryPeek(out var level))
                {
                    level.Name = "";
                    level.Index += level.Index >= 0 ? 1 : 0;
                }
                break;
        }
    }

    private sealed class Level
    {
        public string Name { get; set; } = "";

        public int Index { get; set; }
    }
}
