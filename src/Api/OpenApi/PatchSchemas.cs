using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KgOrleans.Api.OpenApi;

/// <summary>Schemas of merge patches: the members of the document, none required, and null where a member can be removed.</summary>
internal static class PatchSchemas
{
    // What a document cannot be without.
    private static readonly Dictionary<Type, string[]> Kept = new()
    {
        [typeof(ItemDocument)] = ["itemId", "creatorId", "kind"],
        [typeof(UserDocument)] = ["userId"],
    };

    /// <summary>Replaces the body's schema of an operation that takes a merge patch.</summary>
    public static async Task ApplyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var patched = context.Description.ParameterDescriptions.Select(p => p.Type).FirstOrDefault(t => t is not null && Kept.ContainsKey(t));
        if (!HttpMethods.IsPatch(context.Description.HttpMethod!) || patched is null || context.Document is not { } document)
            return;
        var whole = await context.GetOrCreateSchemaAsync(patched, null, cancellationToken);
        var members = (whole.Properties ?? new Dictionary<string, IOpenApiSchema>()).ToDictionary(
            member => member.Key, member => Kept[patched].Contains(member.Key) ? member.Value : OrNull(member.Value));
        var name = patched.Name + "Patch";
        document.AddComponent(name, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = $"A merge patch (RFC 7396) of {patched.Name}: absent members stay, null removes.",
            Properties = members,
        });
        foreach (var body in operation.RequestBody?.Content?.Values.OfType<OpenApiMediaType>() ?? [])
            body.Schema = new OpenApiSchemaReference(name, document);
    }

    private static IOpenApiSchema OrNull(IOpenApiSchema schema) => schema is OpenApiSchema { Type: { } type } plain
        ? WithNull(plain, type)
        : new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, schema] };

    private static OpenApiSchema WithNull(OpenApiSchema schema, JsonSchemaType type)
    {
        schema.Type = type | JsonSchemaType.Null;
        return schema;
    }
}
