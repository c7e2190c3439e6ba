using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.TestSupport;

namespace KgOrleans.Ranking.Tests.Scenes;

/// <summary>docs/scenes.md lists every member; with KG_UPDATE_DOCS=1 in the environment the test writes the table instead of comparing it.</summary>
[Trait("Suite", "Unit")]
public sealed class SceneDocsTests
{
    private const string Begin = "<!-- members: written by SceneDocsTests -->\n";
    private const string End = "<!-- end of members -->";

    [Fact]
    public void The_documentation_lists_every_member_with_its_default_and_its_limits()
    {
        var file = Path.Combine(RepositoryRoot.Path, "docs", "scenes.md");
        var text = File.ReadAllText(file);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = Table();
        if (Environment.GetEnvironmentVariable("KG_UPDATE_DOCS") == "1")
            File.WriteAllText(file, text[..from] + table + text[to..]);
        else
            Assert.Equal(table, text[from..to]);
    }

    [Fact]
    public void The_documentation_names_every_built_in_scene_and_bound()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "scenes.md"));
        Assert.All(BuiltInScenes.All.Keys, scene => Assert.Contains($"| `{scene}` |", text, StringComparison.Ordinal));
        Assert.All([SceneLimits.Versions, SceneLimits.Scenes, SceneLimits.QuotaSum, SceneLimits.DocumentBytes, SceneLimits.VersionBytes], bound =>
            Assert.Contains(bound.ToString("N0", CultureInfo.InvariantCulture), text, StringComparison.Ordinal));
    }

    private static string Table()
    {
        var rows = new List<string> { "| member | type | default | allowed | meaning |", "|---|---|---|---|---|" };
        Visit("", SceneSchema.Create(), JsonSerializer.SerializeToNode(new SceneDocument(), KgJson.Options), rows);
        return string.Join('\n', rows) + "\n";
    }

    private static void Visit(string path, JsonObject schema, JsonNode? defaults, List<string> rows)
    {
        var channels = 0;
        foreach (var (name, node) in (JsonObject)schema["properties"]!)
        {
            var (member, at) = ((JsonObject)node!, path.Length == 0 ? name : $"{path}.{name}");
            var value = (defaults as JsonObject)?[name];
            var description = member["description"]!.GetValue<string>().Replace("|", "\\|", StringComparison.Ordinal);
            rows.Add($"| `{at}` | {TypeOf(member)} | {Default(schema, name, member, value)} | {Allowed(member)} | {description} |");
            // The channels have the same members: they are listed once, behind the last of them. Those that a channel has alone are listed with it.
            if (path == "recall")
            {
                if (Alone(member) is { } alone)
                    Visit(at, alone, value, rows);
                if (++channels < ((JsonObject)schema["properties"]!).Count)
                    continue;
            }
            var within = path == "recall" ? "recall.CHANNEL" : at;
            var defaultsWithin = path == "recall" ? JsonSerializer.SerializeToNode(new ChannelSettings { Quota = 0 }, KgJson.Options) : value;
            if (member.ContainsKey("properties"))
                Visit(within, member, defaultsWithin ?? Constructed(at), rows);
            else if (member["items"] is JsonObject items && items.ContainsKey("properties"))
                Visit($"{at}[]", items, null, rows);
            else if (member["additionalProperties"] is JsonObject values && values.ContainsKey("properties"))
                Visit($"{at}.NAME", values, null, rows);
        }
    }

    private static JsonObject? Alone(JsonObject channel)
    {
        var common = ((JsonObject)JsonSerializer.SerializeToNode(new ChannelSettings { Quota = 0 }, KgJson.Options)!).Select(p => p.Key).ToHashSet();
        var alone = ((JsonObject)channel["properties"]!).Where(p => !common.Contains(p.Key)).ToDictionary(p => p.Key, p => p.Value?.DeepClone());
        return alone.Count == 0 ? null : new JsonObject { ["properties"] = new JsonObject(alone) };
    }

    // Groups that are absent by default still have defaults of their own.
    private static JsonNode? Constructed(string path) =>
        path == "discovery.coldStart" ? JsonSerializer.SerializeToNode(new ColdStartSettings(), KgJson.Options) : null;

    private static string TypeOf(JsonObject member)
    {
        string[] types = member["type"] switch
        {
            JsonArray several => [.. several.Select(t => t!.GetValue<string>()).Where(t => t != "null")],
            { } one => [one.GetValue<string>()],
            null => [],
        };
        return types switch
        {
            _ when member.ToJsonString().Contains("#/$defs/filter", StringComparison.Ordinal)
                && !member.ContainsKey("items") && !member.ContainsKey("properties") => "filter",
            ["array"] => "list",
            ["object"] => member.ContainsKey("additionalProperties") && member["additionalProperties"] is JsonObject ? "by name" : "group",
            [var only] => only,
            _ => "string",
        };
    }

    private static string Default(JsonObject schema, string name, JsonObject member, JsonNode? value)
    {
        if (schema["required"] is JsonArray required && required.Any(r => r!.GetValue<string>() == name))
            return "required";
        if (value is JsonValue text && text.GetValueKind() == JsonValueKind.String && text.GetValue<string>().Length == 0)
            return "the URL's";
        if (member.ContainsKey("properties"))
            return value is null ? "none" : value["quota"] is { } quota && value["minKeep"] is { } keep ? $"quota {quota}, minKeep {keep}{Weight(value)}" : "";
        var json = value?.ToJsonString();
        if (json is null or "[]" or "{}")
            return "none";
        return value!.GetValueKind() == JsonValueKind.String ? $"`{value.GetValue<string>()}`" : $"`{json.Replace(",", ", ", StringComparison.Ordinal)}`";
    }

    private static string Weight(JsonNode channel) =>
        channel["weight"]!.GetValue<double>() is not 1 and var weight ? FormattableString.Invariant($", weight {weight}") : "";

    private static string Allowed(JsonObject member)
    {
        var values = member["additionalProperties"] as JsonObject;
        var choices = (member["enum"] ?? (member["items"] as JsonObject)?["enum"]) as JsonArray;
        var parts = new List<string>();
        if (choices is not null)
            parts.Add(string.Join(", ", choices.Where(c => c is not null).Select(c => c!.GetValue<string>())));
        if ((member["minimum"] ?? values?["minimum"]) is { } min && (member["maximum"] ?? values?["maximum"]) is { } max)
            parts.Add($"{Number(min)}..{Number(max)}");
        if (member["pattern"] is not null || (member["items"] as JsonObject)?["pattern"] is not null)
            parts.Add(member["items"] is null ? "an id" : "ids");
        if (member["maxLength"] is { } length)
            parts.Add($"at most {Number(length)} characters");
        if ((member["maxItems"] ?? member["maxProperties"]) is { } count)
            parts.Add($"{(member["minItems"] is { } least ? $"{Number(least)}.." : "at most ")}{Number(count)}");
        return string.Join("; ", parts);
    }

    private static string Number(JsonNode number) =>
        double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture).ToString("#,0.###", CultureInfo.InvariantCulture);
}
