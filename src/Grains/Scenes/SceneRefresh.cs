using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Scenes;

/// <summary>
/// Reads the scenes before the silo serves, then asks the registry once a second for a newer revision: what a silo that the registry does not live on lags by at most, beside the call. The registry's own silo is told at once.
/// </summary>
public sealed partial class SceneRefresh(IGrainFactory grains, SceneHost host, TimeProvider time, ILogger<SceneRefresh> logger) : BackgroundService
{
    /// <summary>Time between two questions.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A start does not hang on the registry: until it is read the silo is up and says that it is not ready.
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
            if (await grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key).GetCurrent(host.Revision).WaitAsync(Patience, time, cancellationToken) is { } set)
                host.Publish(set);
            if (_failing)
                LogRecovered(host.Revision);
            _failing = false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the registry throws, a store that is away or a state that nobody can read: what is served stays, and readiness says when that is nothing.
            if (!_failing)
                LogFailing(e, host.Revision);
            _failing = true;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The scenes cannot be read; served by is revision {Revision} (-1: none, nothing is served) until they can. Said once.")]
    private partial void LogFailing(Exception e, long revision);

    [LoggerMessage(2, LogLevel.Warning, "The scenes can be read again, revision {Revision}.")]
    private partial void LogRecovered(long revision);
}
