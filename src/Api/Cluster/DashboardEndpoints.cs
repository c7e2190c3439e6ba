using KgOrleans.Api.Lanes;
using KgOrleans.Api.Security;
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
            endpoint.InLane(((RouteEndpointBuilder)endpoint).RoutePattern.RawText == Trace ? Lane.Streams : Lane.Dashboard));
    }
}
