using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Scenes;

/// <summary>
/// Reads the scenes before the silo serves, then asks the registry once a second for a newer revision. The silo that the registry lives on learns of a write
/// at once; the others lag by a second and the call at most.
/// </summary>
public sealed partial class SceneRefresh(IGrainFactory grains, SceneHost host, TimeProvider time, ILogger<SceneRefresh> logger) : BackgroundService
{
    /// <summary>Time between two calls of the registry.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // The start does not wait longer for the registry: until it is read the silo is up and says that it is not ready.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private bool _failing;

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RefreshAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            var registry = grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key);
            if (await registry.GetCurrent(host.Revision).WaitAsync(Patience, time, cancellationToken) is { } set)
                host.Publish(set);
            if (_failing)
                LogRecovered(host.Revision);
            _failing = false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The store is away, or the stored state cannot be read. What is served stays in service; readiness fails when that is nothing.
            if (!_failing)
                LogFailing(e, host.Revision);
            _failing = true;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The scenes cannot be read. Still serving revision {Revision} (-1: nothing is served); trying again every second.")]
    private partial void LogFailing(Exception e, long revision);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The scenes can be read again; serving revision {Revision}")]
    private partial void LogRecovered(long revision);
}
