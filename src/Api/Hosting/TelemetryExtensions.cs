using KgOrleans.Api.Lanes;
using KgOrleans.Api.Security;
using OpenTelemetry.Metrics;

namespace KgOrleans.Api.Hosting;

/// <summary>Metrics in the Prometheus format.</summary>
internal static class TelemetryExtensions
{
    public static void AddKgTelemetry(this IServiceCollection services) =>
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "System.Runtime", "KgOrleans.*")
            .AddPrometheusExporter());

    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(ApiRoles.Read).InLane(Lane.Free);
}
