using KgOrleans.Grains.Shards;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Events;

/// <summary>
/// Reads the event log and sends each shard what the events change about its items, about once a second. What a shard has counted it knows by position, so
/// that every event counts once.
/// </summary>
public sealed partial class CounterConsumer : BackgroundService
{
    private readonly ILogger _logger;
    private readonly PartitionCounter[] _partitions;

    /// <summary>Prepares to count from where the shards are.</summary>
    public CounterConsumer(EventLog log, IShardClient shards, TimeProvider time, ILogger<CounterConsumer> logger)
    {
        _logger = logger;
        _partitions = [.. Enumerable.Range(0, log.Partitions).Select(partition => new PartitionCounter(partition, log, shards, time, logger))];
    }

    /// <summary>Whether the shards have counted every event that was in the log when the process started.</summary>
    public bool HasCaughtUp => _partitions.All(partition => partition.HasCaughtUp);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var loops = Array.ConvertAll(_partitions, partition => partition.RunAsync(stop.Token));
        try
        {
            // No loop ends by itself: the first one that ends has failed, and without it the counters would be wrong from here on.
            await await Task.WhenAny(loops);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(e);
            throw;
        }
        catch (Exception)
        {
            // The log may close under a read while the silo stops.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Counting events has failed; the process stops, since popularity would be wrong from here on")]
    private partial void LogFailed(Exception e);
}
