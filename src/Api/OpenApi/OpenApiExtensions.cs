using KgOrleans.Api.Events;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Recommend;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace KgOrleans.Api.OpenApi;

/// <summary><c>/openapi/v1.json</c> and the page that shows it, <c>/docs</c>. Neither asks for a key: both say only what the repository says.</summary>
internal static class OpenApiExtensions
{
    private const string Scheme = "apiKey";

    // Checked by validators rather than by the serializer, so that every missing member is named at once.
    private static readonly Dictionary<Type, HashSet<string>> RequiredMembers = new()
    {
        [typeof(RecommendRequest)] = ["userId", "scene"],
        [typeof(EventsRequest)] = ["events"],
        [typeof(UserEvent)] = ["userId", "itemId", "type"],
        [typeof(ItemDocument)] = ["itemId", "creatorId", "kind"],
        [typeof(UserDocument)] = ["userId"],
    };

    public static void AddKgOpenApi(this IServiceCollection services)
    {
        // The answers and the schemas come from the same options.
        services.ConfigureHttpJsonOptions(http =>
        {
            var json = http.SerializerOptions;
            json.NumberHandling = KgJson.Options.NumberHandling;
            json.DefaultIgnoreCondition = KgJson.Options.DefaultIgnoreCondition;
            json.UnmappedMemberHandling = KgJson.Options.UnmappedMemberHandling;
            json.PropertyNameCaseInsensitive = false;
            foreach (var converter in KgJson.Options.Converters)
                json.Converters.Add(converter);
        });
        services.AddSingleton<PublishedDocument>();
        services.AddOpenApi(PublishedDocument.Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            // The dashboard's own routes are no API of ours.
            options.ShouldInclude = description => description.RelativePath?.StartsWith("dashboard", StringComparison.Ordinal) != true;
            options.AddSchemaTransformer((schema, context, _) =>
            {
                if (RequiredMembers.TryGetValue(context.JsonTypeInfo.Type, out var required))
                    schema.Required = required;
                // The service writes them; a document that is sent with one is refused.
                if (context.JsonPropertyInfo is null)
                {
                    foreach (var member in context.JsonTypeInfo.Properties.Where(p => p.AttributeProvider?.IsDefined(typeof(NotInputAttribute), false) == true))
                        schema.Properties?.Remove(member.Name);
                }
                // The names are those of the configuration, which the generator cannot know.
                if (context.JsonTypeInfo.Type == typeof(EventType))
                    (schema.Type, schema.Enum) = (JsonSchemaType.String, [.. EventTypes.All.Select(t => (System.Text.Json.Nodes.JsonNode)t.Name)]);
                // A converter of its own hides from the generator that times are text.
                if (context.JsonTypeInfo.Type == typeof(DateTimeOffset))
                    schema.Type = JsonSchemaType.String;
                else if (context.JsonTypeInfo.Type == typeof(DateTimeOffset?))
                    schema.Type = JsonSchemaType.String | JsonSchemaType.Null;
                return Task.CompletedTask;
            });
            options.AddDocumentTransformer((document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                RequireKey(operation, context);
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(PatchSchemas.ApplyAsync);
        });
    }

    public static void MapKgOpenApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"/openapi/{PublishedDocument.Name}.json", (HttpContext http, PublishedDocument document) => document.GetAsync(http))
            .AllowAnonymous().InLane(Lane.Free).ExcludeFromDescription();
        // Script and style come from this process, and nothing else is fetched: no fonts, no agent, no proxy.
        var docs = routes.MapScalarApiReference("/docs", scalar =>
        {
            scalar.Telemetry = false;
            scalar
                .WithTitle("KgOrleans API")
                .DisableDefaultFonts()
                .HideDeveloperTools()
                .DisableAgent()
                .DisableMcp()
                .ExpandAllTags();
        });
        docs.AllowAnonymous().InLane(Lane.Free).Add(endpoint =>
        {
            if (((RouteEndpointBuilder)endpoint).RoutePattern.RawText!.EndsWith(".js", StringComparison.Ordinal))
                RememberedAnswers.Remember(endpoint);
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "KgOrleans",
            Version = "v1",
            Description = "A recommender for user-made karaoke and music. It takes items, users and events, and returns ranked and diversified pages. "
                + "Errors are problem details (RFC 9457) that name the field.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "X-Api-Key",
            Description = "Required when keys are configured. A server that listens on loopback only may run without keys.",
        };
    }

    private static void RequireKey(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var roles = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().Select(a => a.Policy).ToArray();
        if (roles.Length == 0)
            return;
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
        operation.Description = $"{operation.Description} Role: {string.Join(", ", roles)}.".TrimStart();
        foreach (var status in new[] { StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden })
        {
            operation.Responses ??= [];
            operation.Responses.TryAdd(
                status.ToString(System.Globalization.CultureInfo.InvariantCulture),
                new OpenApiResponse
                {
                    Description = status == StatusCodes.Status401Unauthorized ? "No valid key" : "The role of the key does not allow this",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [Problem.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) },
                    },
                });
        }
    }
}
