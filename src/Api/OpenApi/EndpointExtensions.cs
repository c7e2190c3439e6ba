using System.Text.Json.Nodes;
using KgOrleans.Api.Json;
using KgOrleans.Api.Problems;
using Microsoft.OpenApi;

namespace KgOrleans.Api.OpenApi;

/// <summary>What an endpoint tells the OpenAPI document beyond its types.</summary>
internal static class EndpointExtensions
{
    /// <summary>Statuses that come with problem details.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses)
            endpoint.Produces<Problem>(status, Problem.MediaType);
        return endpoint;
    }

    /// <summary>An example of the request's body.</summary>
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder endpoint, string json, string mediaType = MediaTypes.Json) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.RequestBody?.Content?.TryGetValue(mediaType, out var content) == true)
                content.Example = mediaType == MediaTypes.Ndjson ? JsonValue.Create(json) : JsonNode.Parse(json);
            return Task.CompletedTask;
        });

    /// <summary>The id in the path of an endpoint whose handler takes it from the route itself, where the generator does not see it.</summary>
    public static RouteHandlerBuilder WithPathId(this RouteHandlerBuilder endpoint, string name) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            var schema = new OpenApiSchema { Type = JsonSchemaType.String };
            operation.Parameters.Insert(0, new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = schema });
            return Task.CompletedTask;
        });
}
