using KgOrleans.Api.Hosting;
using KgOrleans.Api.Problems;

namespace KgOrleans.Api.Security;

/// <summary>
/// Without keys, a web page in the operator's browser could reach the API through a name of its own that it re-points to 127.0.0.1 (DNS rebinding).
/// Its requests carry that name in Host, so only local names are answered while only loopback is bound. Other bindings ask for keys, and <c>AllowedHosts</c>
/// applies to them.
/// </summary>
internal sealed class LocalHostGuard(RequestDelegate next, ListenAddresses addresses)
{
    public Task InvokeAsync(HttpContext http) => addresses.BeyondLoopback || ListenAddresses.IsLocal(http.Request.Host.Host)
        ? next(http)
        : Problem.Invalid("Host", "unknownHost", "must be localhost or a loopback address").ExecuteAsync(http);
}
