namespace KgOrleans.Ranking.Keys;

/// <summary>Paths of fields as problems name them: <c>events[3].value</c>, without a leading <c>$.</c>.</summary>
public static class JsonPaths
{
    private const int MaxLength = 200;

    /// <summary>A path below another; <c>$</c> when both are empty.</summary>
    public static string Join(string prefix, string path)
    {
        var joined = (prefix.Length, path.Length) switch
        {
            (0, 0) => "$",
            (0, _) => path,
            (_, 0) => prefix,
            _ => path[0] == '[' ? prefix + path : $"{prefix}.{path}",
        };
        // A member name can be as long as a body; a problem quotes only its beginning.
        return joined.Length <= MaxLength ? joined : joined[..MaxLength] + "...";
    }

    /// <summary>Steps of a JSON path as the serializer reports it (<c>$.a['b.c'][3]</c>): names, and indexes as <c>[3]</c>.</summary>
    public static List<string> Steps(string? jsonPath)
    {
        var steps = new List<string>();
        var rest = (jsonPath ?? "").AsSpan().TrimStart('$');
        while (!rest.IsEmpty)
        {
            int end;
            if (rest.StartsWith("['"))
            {
                end = rest.IndexOf("']");
                end = end < 0 ? rest.Length : end;
                steps.Add(rest[2..end].ToString());
                rest = rest[Math.Min(end + 2, rest.Length)..];
            }
            else if (rest[0] == '[')
            {
                end = rest.IndexOf(']') + 1;
                end = end == 0 ? rest.Length : end;
                steps.Add(rest[..end].ToString());
                rest = rest[end..];
            }
            else
            {
                rest = rest.TrimStart('.');
                end = rest.IndexOfAny('.', '[');
                end = end < 0 ? rest.Length : end;
                steps.Add(rest[..end].ToString());
                rest = rest[end..];
            }
        }
        return steps;
    }

    /// <summary>Steps as one path.</summary>
    public static string Of(List<string> steps) => steps.Aggregate("", (path, step) => path.Length == 0 ? step : Join(path, step));
}
