using System.Text.Json.Nodes;
using KgOrleans.Api.Json;
using KgOrleans.Api.Problems;

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
}
