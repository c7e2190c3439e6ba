using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Scenes;

/// <summary>
/// The JSON schema (draft 2020-12) of scene documents, made from the records, their documentation and <see cref="SceneLimits"/>. It states all rules about
/// single members; only the validator checks the rules between members (sums, distinct positions, existing pins).
/// </summary>
public static class SceneSchema
{
    /// <summary>Media type of a schema.</summary>
    public const string MediaType = "application/schema+json";

    private static readonly Lazy<JsonObject> Schema = new(Build);

    /// <summary>The schema; a copy.</summary>
    public static JsonObject Create() => (JsonObject)Schema.Value.DeepClone();

    private static JsonObject Build()
    {
        var described = new SceneDescriptions();
        var node = (JsonObject)KgJson.Options.GetJsonSchemaAsNode(typeof(SceneDocument), new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, schema) => Refine(context, schema, described),
        });
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "urn:kgorleans:schema:scene",
            ["title"] = "Scene",
        };
        foreach (var (name, value) in node)
            root[name] = value?.DeepClone();
        root["$defs"] = new JsonObject { ["filter"] = FilterSchema.Create() };
        return root;
    }

    private static JsonNode Refine(JsonSchemaExporterContext context, JsonNode schema, SceneDescriptions described)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        var refined = type == typeof(JsonElement) ? FilterOf(context)
            : schema as JsonObject;
        if (refined is null)
            return schema;
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            refined["additionalProperties"] = false;
            Choose(type, refined);
        }
        // The generator does not know the names that a converter of its own reads.
        if (context.TypeInfo.ElementType == typeof(EventType))
            refined["items"] = new JsonObject { ["enum"] = new JsonArray([.. EventTypes.All.Select(t => (JsonNode)t.Name)]) };
        if (context.PropertyInfo is not { } property)
            return refined;
        if (SceneLimits.Of(property.DeclaringType, property.Name) is { } limit)
            Limit(context.TypeInfo.Kind, refined, limit);
        if (described.Of(property) is { } text)
            refined["description"] = text;
        return refined;
    }

    private static JsonObject FilterOf(JsonSchemaExporterContext context)
    {
        var reference = new JsonObject { ["$ref"] = "#/$defs/filter" };
        return context.PropertyInfo?.IsGetNullable == true
            ? new JsonObject { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "null" }) }
            : reference;
    }

    /// <summary>Exactly one of two members, where a record is a choice.</summary>
    private static void Choose(Type type, JsonObject schema)
    {
        var (first, kind) = type == typeof(WindowRule) ? ("field", "string") : type == typeof(ShareRule) ? ("channel", "string") : ("", "");
        if (first.Length > 0)
            schema["oneOf"] = new JsonArray(Holds(first, kind), Holds("filter", "object"));
    }

    private static JsonObject Holds(string member, string kind) =>
        new() { ["required"] = new JsonArray(member), ["properties"] = new JsonObject { [member] = new JsonObject { ["type"] = kind } } };

    private static void Limit(JsonTypeInfoKind kind, JsonObject schema, MemberLimit limit)
    {
        switch (kind)
        {
            case JsonTypeInfoKind.Enumerable:
                schema["maxItems"] = limit.MaxCount;
                if (limit.MinCount > 0)
                    schema["minItems"] = limit.MinCount;
                if (limit.IsId && schema["items"] is JsonObject items)
                    items["pattern"] = Limits.IdPattern;
                if (limit.Choices.Count > 0 && schema["items"] is JsonObject choice)
                    choice["enum"] = new JsonArray([.. limit.Choices.Select(c => (JsonNode)c)]);
                // Lists of ids, kinds and types are sets.
                if (schema["items"] is JsonObject single && !single.ContainsKey("properties"))
                    schema["uniqueItems"] = true;
                break;
            case JsonTypeInfoKind.Dictionary:
                schema["maxProperties"] = limit.MaxCount;
                schema["propertyNames"] = new JsonObject { ["pattern"] = Limits.IdPattern };
                if (limit.Min < limit.Max && schema["additionalProperties"] is JsonObject values)
                    (values["minimum"], values["maximum"]) = (limit.Min, limit.Max);
                break;
            default:
                LimitValue(schema, limit);
                break;
        }
    }

    private static void LimitValue(JsonObject schema, MemberLimit limit)
    {
        if (limit.Choices.Count > 0)
            schema["enum"] = new JsonArray([.. limit.Choices.Select(c => (JsonNode)c), .. schema["type"] is JsonArray ? (JsonNode?[])[null] : []]);
        else if (limit.IsId)
            schema["pattern"] = Limits.IdPattern;
        else if (limit.MaxCount > 0)
            schema["maxLength"] = limit.MaxCount;
        else
            (schema["minimum"], schema["maximum"]) = (limit.Min, limit.Max);
    }
}
