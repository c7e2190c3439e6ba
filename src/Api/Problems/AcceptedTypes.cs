using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;

namespace KgOrleans.Api.Problems;

/// <summary>The media types of each route. Routing refuses other types before an endpoint is chosen, and does not say which ones it knows.</summary>
internal sealed class AcceptedTypes(EndpointDataSource endpoints)
{
    private readonly Lazy<Accepts[]> _all = new(() =>
    [
        .. from endpoint in endpoints.Endpoints.OfType<RouteEndpoint>()
           let types = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()
           let methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()
           where types is not null && methods is not null
           select new Accepts(new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), []), methods.HttpMethods, types.ContentTypes),
    ]);

    /// <summary>What the route of a request accepts for its method.</summary>
    public IEnumerable<string> Of(HttpRequest request) =>
        _all.Value.FirstOrDefault(a => a.Methods.Contains(request.Method, StringComparer.OrdinalIgnoreCase) && a.Route.TryMatch(request.Path, []))?.Types ?? [];

    private sealed record Accepts(TemplateMatcher Route, IReadOnlyList<string> Methods, IReadOnlyList<string> Types);
}
