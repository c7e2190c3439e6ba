using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.Problems;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Security;

/// <summary>
/// Refuses what a foreign web page makes a browser send. A page cannot read the answers, but a form or a <c>no-cors</c> fetch would write on a node that asks
/// for no key. Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin; other callers send neither. The order of the checks is that of
/// CrossOriginProtection in Go's net/http. It also keeps such pages from framing what is served.
/// </summary>
internal sealed class CrossSiteGuard(RequestDelegate next, IOptions<HttpOptions> http)
{
    private readonly HashSet<string> _origins = new(http.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = "frame-ancestors 'none'";
        context.Response.Headers.XFrameOptions = "DENY";
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return next(context);
        if (IsForeign(request))
        {
            return Problem.OfField(
                StatusCodes.Status403Forbidden, "Origin", "crossSite", "is not allowed to write; Kg:Http:AllowedOrigins names the origins that are")
                .ExecuteAsync(context);
        }
        // Forms and no-cors fetches can POST, but not say JSON. Endpoints that take a body check its type; here are those that take none.
        return HttpMethods.IsPost(request.Method) && TakesNoBody(context) && request.Headers.ContentType.Count > 0 && !MediaTypes.Is(request, MediaTypes.Json)
            ? MediaTypes.Unwelcome([MediaTypes.Json]).ExecuteAsync(context)
            : next(context);
    }

    private bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && _origins.Contains(origin))
            return false;
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
            return site is not ("same-origin" or "none");
        // The scheme is not compared: behind a proxy that ends TLS the two differ.
        return origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static bool TakesNoBody(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is null;
}
