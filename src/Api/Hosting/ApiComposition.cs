using KgOrleans.Api.Cluster;
using KgOrleans.Api.Events;
using KgOrleans.Api.Export;
using KgOrleans.Api.Items;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Recommend;
using KgOrleans.Api.Requests;
using KgOrleans.Api.Scenes;
using KgOrleans.Api.Security;
using KgOrleans.Api.Users;
using KgOrleans.Grains.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Hosting;

/// <summary>The HTTP API over whatever grain factory the container holds.</summary>
internal static class ApiComposition
{
    public static void AddKgApi(this WebApplicationBuilder builder)
    {
        builder.AddKgHttp();
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => CatalogueShape.Of(provider.GetRequiredService<IOptions<KgOptions>>().Value));
        services.AddHostedService<ApiStartup>();
        services.AddSingleton<ApiInstruments>();
        services.AddSingleton<ClusterStates>();
        services.AddScoped<ItemStore>();
        services.AddScoped<UserStore>();
        services.AddKgProblems();
        services.AddKgSecurity();
        services.AddKgRecommend();
        services.AddKgTelemetry();
        services.AddKgOpenApi();
    }

    public static void MapKgApi(this WebApplication app)
    {
        // Before anything is opened: the host itself would make its services first, and name only the first setting that one of them stumbles over.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        app.LimitConnections();
        app.UseKgProblems();
        app.UseMiddleware<HeadRequests>();
        app.UseRouting();
        app.UseKgSecurity();
        app.UseKgCompression();
        app.UseRequestTimeouts();
        app.UseMiddleware<LaneGate>();
        app.MapRecommend();
        app.MapRequests();
        app.MapEvents();
        app.MapItems();
        app.MapUsers();
        app.MapScenes();
        app.MapExposure();
        app.MapExport();
        app.MapCluster();
        app.MapHealth();
        app.MapMetrics();
        app.MapKgOpenApi();
        app.MapKgDashboard();
        app.MapGet("/", () => TypedResults.Redirect("/docs")).AllowAnonymous().ExcludeFromDescription().InLane(Lane.Free);
    }
}
