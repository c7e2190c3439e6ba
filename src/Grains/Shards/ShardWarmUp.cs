using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Shards;

/// <summary>Activates every shard when the silo has started, so that the first request does not find them loading.</summary>
public sealed partial class ShardWarmUp(IGrainFactory grains, IOptions<ShardOptions> options, ILogger<ShardWarmUp> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, options.Value.Count).Select(shard => grains.GetGrain<IItemShardGrain>(shard).GetState().WaitAsync(stoppingToken)));
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            // Requests activate shards as well, and readiness says which are missing.
            LogFailed(e);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops before its shards were warm.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not every shard could be activated at start")]
    private partial void LogFailed(Exception e);
}
