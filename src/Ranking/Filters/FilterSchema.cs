using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Filters;

/// <summary>The JSON schema of filters, for documents that hold them as <c>#/$defs/filter</c>.</summary>
internal static class FilterSchema
{
    /// <summary>The schema. It does not limit depth and size; <see cref="ItemFilter"/> does.</summary>
    public static JsonObject Create() => new()
    {
        ["description"] = "A predicate over items: all, any or not of others, or a condition on one field. "
            + $"At most {ItemFilter.MaxNodes} clauses and {ItemFilter.MaxDepth} levels.",
        ["type"] = "object",
        ["oneOf"] = new JsonArray(
            Group("all"),
            Group("any"),
            Only("not", Self()),
            Condition(["kind"], Kinds(), ordered: false),
            Condition(FilterCondition.IdFields, Id(), ordered: false),
            Condition(["publishedAt"], Time(), ordered: true),
            Condition(FilterCondition.PlainNumbers, Number(), ordered: true),
            Condition(Feature(), Number(), ordered: true)),
    };

    private static JsonObject Self() => new() { ["$ref"] = "#/$defs/filter" };

    private static JsonObject Group(string name) =>
        Only(name, new JsonObject { ["type"] = "array", ["minItems"] = 1, ["maxItems"] = ItemFilter.MaxNodes, ["items"] = Self() });

    private static JsonObject Only(string name, JsonObject value) => new()
    {
        ["properties"] = new JsonObject { [name] = value },
        ["required"] = new JsonArray(name),
        ["additionalProperties"] = false,
    };

    private static JsonObject Condition(IEnumerable<string> fields, JsonObject value, bool ordered) =>
        Condition(new JsonObject { ["enum"] = new JsonArray([.. fields.Select(f => (JsonNode)f)]) }, value, ordered);

    private static JsonObject Condition(JsonObject field, JsonObject value, bool ordered)
    {
        var members = new JsonObject
        {
            ["field"] = field,
            ["eq"] = value,
            ["in"] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["maxItems"] = ItemFilter.MaxValues, ["items"] = value.DeepClone() },
        };
        if (ordered)
        {
            foreach (var comparison in (ReadOnlySpan<string>)["gt", "gte", "lt", "lte"])
                members[comparison] = value.DeepClone();
        }
        return new JsonObject { ["properties"] = members, ["required"] = new JsonArray("field"), ["minProperties"] = 2, ["additionalProperties"] = false };
    }

    // The name of a feature is an id: its pattern without the anchor.
    private static JsonObject Feature() =>
        new() { ["type"] = "string", ["pattern"] = $"^{FilterCondition.FeaturePrefix.Replace(".", "\\.", StringComparison.Ordinal)}{Limits.IdPattern[1..]}" };

    private static JsonObject Id() => new() { ["type"] = "string", ["pattern"] = Limits.IdPattern };

    private static JsonObject Number() => new() { ["type"] = "number" };

    private static JsonObject Time() => new() { ["type"] = "string", ["description"] = "An ISO 8601 time." };

    private static JsonObject Kinds() =>
        new() { ["enum"] = new JsonArray([.. Enum.GetNames<ItemKind>().Select(n => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(n))]) };
}
