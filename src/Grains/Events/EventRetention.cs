using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Events;

/// <summary>Gives up events that are older than the retention, once both kept base snapshots of every shard have counted them.</summary>
public sealed partial class EventRetention(
    EventLog log, IGrainFactory grains, IOptions<ShardOptions> shards, TimeProvider time, ILogger<EventRetention> logger) : BackgroundService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TrimAsync(stoppingToken);
            }
            catch (Exception e) when (e is StorageException or OrleansException or TimeoutException)
            {
                // Events stay for an hour more.
                LogFailed(e);
            }
        }
    }

    /// <summary>Gives up what can be given up now.</summary>
    public async Task TrimAsync(CancellationToken cancellationToken)
    {
        var states = await Task.WhenAll(Enumerable.Range(0, shards.Value.Count).Select(shard => grains.GetGrain<IItemShardGrain>(shard).GetState()));
        for (var partition = 0; partition < log.Partitions; partition++)
            await log.TrimAsync(partition, states.Min(state => ShardCounters.At(state.EventsCountedTo, partition)), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events that are older than the retention could not be given up; the next try is in an hour")]
    private partial void LogFailed(Exception e);
}
