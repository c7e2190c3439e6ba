using KgOrleans.Api.Hosting;
using KgOrleans.Api.Problems;

namespace KgOrleans.Api.Security;

/// <summary>
/// Without keys, a web page in the operator's browser could reach the API through a name of its own that it re-points to 127.0.0.1 (DNS rebinding). Its
/// requests carry that name in Host, so a node without keys answers local names only. Where keys are asked for, such a page has none, and a reverse proxy may
/// pass on the Host that it was called by; <c>AllowedHosts</c> applies there.
/// </summary>
internal sealed class LocalHostGuard(RequestDelegate next, ApiKeyRing keys)
{
    public Task InvokeAsync(HttpContext http) => keys.Enforced || ListenAddresses.IsLocal(http.Request.Host.Host)
        ? next(http)
        : Problem.Invalid("Host", "unknownHost", "must be localhost or a loopback address").ExecuteAsync(http);
}
