using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Shards;

/// <summary>Activates every shard when the silo has started, so that the first request does not find them loading; starts what shards do at rest.</summary>
public sealed partial class ShardWarmUp(
    IGrainFactory grains, PartitionHost host, IOptions<ShardOptions> options, ILogger<ShardWarmUp> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        host.Start();
        try
        {
            var shards = Enumerable.Range(0, options.Value.Count).Select(shard => grains.GetGrain<IItemShardGrain>(shard));
            await Task.WhenAll(shards.Select(shard => shard.GetState().WaitAsync(stoppingToken)));
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            // Requests activate shards as well, and readiness says which shards are missing.
            LogFailed(e);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops before all shards were activated.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Some shards could not be activated at start; the first request of each will activate it")]
    private partial void LogFailed(Exception e);
}
