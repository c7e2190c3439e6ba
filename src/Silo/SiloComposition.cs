using System.Text.Json;
using KgOrleans.Grains;
using KgOrleans.Grains.Configuration;
using KgOrleans.Grains.Events;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Recommend;
using KgOrleans.Grains.Requests;
using KgOrleans.Grains.Scenes;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Shards;
using KgOrleans.Grains.Snapshots;
using KgOrleans.Grains.Users;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Dashboard;
using Orleans.Providers;
using Orleans.Storage;

namespace KgOrleans.Silo;

/// <summary>The composition root of a silo: which parts there are and how they are put together.</summary>
public static class SiloComposition
{
    /// <summary>
    /// Adds a silo to a host: one process with logs under <c>Kg:Data:Path</c> or in the container of <c>Kg:Data:Blobs</c>, and grain state in SQLite
    /// under <c>Kg:Data:Path</c> or where <c>Orleans:GrainStorage:Default</c> says. Everything that can be wrong with configuration, data directory or model bundle stops the host at its start.
    /// </summary>
    public static IHostApplicationBuilder AddKgSilo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddKgOptions();
        // Before anything reads an event or a scene. Wrong options stop the start (KgOptionsValidator).
        var events = builder.Configuration.GetSection(EventOptions.Section).Get<EventOptions>() ?? new EventOptions();
        if (events.IsValid())
            EventTypes.Use(events.ToTable());
        builder.Services.AddBlobServices(builder.Configuration);
        builder.Services.AddKgStores();
        builder.Services.AddKgServing();
        // Registered before the silo, so that it runs before grains exist.
        builder.Services.AddHostedService<SiloStartup>();
        builder.UseOrleans(silo =>
        {
            var (siloPort, gatewayPort) = (LoopbackPort.Free(), LoopbackPort.Free());
            silo.UseLocalhostClustering(
                siloPort, gatewayPort, serviceId: builder.Configuration["Orleans:ServiceId"] ?? "kg",
                clusterId: builder.Configuration["Orleans:ClusterId"] ?? "kg");
            silo.AddGrainStateStorage();
            silo.AddActivityPropagation();
            silo.AddDashboard();
        });
        builder.Services.AddKeyedSingleton<IGrainStorageSerializer>(
            ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (_, _) => new StateJsonSerializer(KgJson.Options, UnreadableUser.StandIn));
        // After the silo: these call grains.
        builder.Services.AddHostedService<SceneRefresh>();
        builder.Services.AddHostedService<ShardWarmUp>();
        builder.Services.AddSingleton<CounterConsumer>();
        builder.Services.AddHostedService(s => s.GetRequiredService<CounterConsumer>());
        builder.Services.AddHostedService<EventRetention>();
        builder.Services.AddSingleton<ClockWatch>();
        builder.Services.AddHostedService(s => s.GetRequiredService<ClockWatch>());
        builder.Services.AddSingleton<SiloReadiness>();
        return builder;
    }

    private static void AddKgStores(this IServiceCollection services)
    {
        services.AddSingleton(s => DataDirectory.Open(s.GetRequiredService<IOptions<KgOptions>>().Value.Data.Path));
        services.TryAddSingleton<ContainerOwnership>();
        // Container and event log are opened once at start, before anything is served; nothing else waits on this thread.
        services.AddSingleton(s => DataContainer.OpenAsync(s).GetAwaiter().GetResult());
        services.AddSingleton<ILogStore>(s => UsesBlobs(s)
            ? s.GetRequiredService<DataContainer>().CreateLogStore(s.GetRequiredService<ILogger<BlobLogStore>>())
            : new LocalLogStore(s.GetRequiredService<DataDirectory>().LogsPath, s.GetRequiredService<ILogger<LocalLogStore>>()));
        services.AddSingleton<IObjectStore>(s => UsesBlobs(s)
            ? s.GetRequiredService<DataContainer>().CreateSnapshotStore()
            : new LocalObjectStore(s.GetRequiredService<DataDirectory>().SnapshotsPath));
        services.AddSingleton(s =>
        {
            var record = ActivatorUtilities.CreateInstance<StoreRecord>(s);
            record.CheckAsync().GetAwaiter().GetResult();
            return record;
        });
        services.AddSingleton(s => new EventLogOptions
        {
            UserOf = UserOf,
            Checkpoints = s.GetRequiredService<IObjectStore>(),
            RetentionDays = s.GetRequiredService<IOptions<KgOptions>>().Value.Events.RetentionDays,
            Time = s.GetRequiredService<TimeProvider>(),
            Logger = s.GetRequiredService<ILogger<EventLog>>(),
        });
        services.AddSingleton(s =>
        {
            // Before any log is taken over from a process that has the right settings.
            s.GetRequiredService<StoreRecord>();
            return EventLog.OpenAsync(s.GetRequiredService<ILogStore>(), s.GetRequiredService<EventLogOptions>()).GetAwaiter().GetResult();
        });
    }

    private static bool UsesBlobs(IServiceProvider services) => services.GetRequiredService<IOptions<KgOptions>>().Value.Data.UsesBlobs;

    // An event that cannot be read is nobody's: the counters report it.
    private static ulong UserOf(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize<UserEvent>(payload.Span, KgJson.Options) is { } e ? Key64.Of(e.UserId) : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    private static void AddKgServing(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CatalogueWorld>();
        services.AddSingleton<ModelHost>();
        services.AddSingleton<SceneHost>();
        services.AddSingleton<ScoringPool>();
        services.AddSingleton<SnapshotSchedule>();
        services.AddSingleton<PartitionHost>();
        services.AddSingleton<RecallScenes>();
        services.AddSingleton<IShardClient, GrainShardClient>();
        services.AddSingleton<ShardFacts>();
        services.AddSingleton<FunnelInstruments>();
        services.AddSingleton<AdaptiveWidths>();
        services.AddSingleton<TrafficLedger>();
        services.AddSingleton<UserStateWrites>();
        services.AddSingleton<RequestLog>();
        services.AddSingleton<RequestLookup>();
        services.AddSingleton<Funnel>();
    }
}
