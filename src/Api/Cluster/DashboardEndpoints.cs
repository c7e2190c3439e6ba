using KgOrleans.Api.Lanes;
using KgOrleans.Api.Security;
using Microsoft.AspNetCore.Http.Timeouts;
using Orleans.Dashboard;

namespace KgOrleans.Api.Cluster;

/// <summary>The Orleans Dashboard under <see cref="ApiKeyHandler.DashboardPath"/>, for the role admin.</summary>
internal static class DashboardEndpoints
{
    private const string Trace = ApiKeyHandler.DashboardPath + "/Trace";

    public static void MapKgDashboard(this IEndpointRouteBuilder routes)
    {
        var dashboard = routes.MapOrleansDashboard(ApiKeyHandler.DashboardPath).RequireAuthorization(ApiRoles.Admin);
        // The package maps the routes, so the stream among them is told by its pattern.
        ((IEndpointConventionBuilder)dashboard).Add(endpoint =>
        {
            var isStream = ((RouteEndpointBuilder)endpoint).RoutePattern.RawText == Trace;
            endpoint.InLane(isStream ? Lane.Streams : Lane.Dashboard);
            if (isStream)
                endpoint.Metadata.Add(new DisableRequestTimeoutAttribute());
        });
    }
}
