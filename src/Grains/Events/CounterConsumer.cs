using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Events;

/// <summary>
/// Reads the event log from its beginning and sends each shard packed deltas of its items' counters, about once a second. A delta is sent until the shard
/// confirms it; a shard ignores what it has already.
/// </summary>
public sealed partial class CounterConsumer(EventLog log, IShardClient shards, TimeProvider time, ILogger<CounterConsumer> logger) : BackgroundService
{
    /// <summary>Longest time that a counted event waits before it is sent: half of what a counter may be stale.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // 24 bytes a delta: a message of at most 480 KB.
    private const int MaxBatch = 20_000;

    // The log is read this many events ahead of what a shard has taken.
    private const int MaxWaiting = 100_000;

    private readonly Channel<CounterDelta>[] _waiting = NewChannels(shards.ShardCount);
    private readonly CountersProgress _progress = new(log.Partitions, shards.ShardCount);

    /// <summary>Whether the shards have counted every event that was in the log when the process started.</summary>
    public bool HasCaughtUp => _progress.HasCaughtUp;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var readers = Enumerable.Range(0, log.Partitions).Select(p => ReadAsync(p, stop.Token));
        var senders = Enumerable.Range(0, shards.ShardCount).Select(s => SendAsync(s, stop.Token));
        Task[] loops = [.. readers, .. senders];
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

    private static Channel<CounterDelta>[] NewChannels(int count)
    {
        var channels = new Channel<CounterDelta>[count];
        for (var i = 0; i < count; i++)
            channels[i] = Channel.CreateBounded<CounterDelta>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
        return channels;
    }

    private async Task ReadAsync(int partition, CancellationToken cancellationToken)
    {
        var position = 0L;
        await foreach (var record in log.ReadAsync(partition, 0, cancellationToken))
        {
            await SortAsync(record, cancellationToken);
            position = record.NextPosition;
        }
        _progress.PartitionRead();
        await foreach (var record in log.TailAsync(partition, position, cancellationToken))
            await SortAsync(record, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Puts an event on the way to its shard.</summary>
    private async Task SortAsync(EventLogRecord record, CancellationToken cancellationToken)
    {
        UserEvent e;
        try
        {
            e = JsonSerializer.Deserialize<UserEvent>(record.Payload.Span, KgJson.Options)!;
        }
        catch (JsonException exception)
        {
            // Its checksum is right, so it was written like this. The other events still count.
            LogUnreadable(exception, record.Partition, record.Position);
            return;
        }
        var key = Key64.Of(e.ItemId);
        var shard = Key64.Shard(key, shards.ShardCount);
        _progress.Read(shard);
        var delta = new CounterDelta(key, e.Timestamp!.Value.ToUnixTimeMilliseconds(), (float)(e.Value ?? 0), e.Type);
        await _waiting[shard].Writer.WriteAsync(delta, cancellationToken);
    }

    private async Task SendAsync(int shard, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var batch = new List<CounterDelta>();
        var epoch = 0L;
        do
        {
            do
            {
                // A batch that was not confirmed is sent again unchanged: the shard may have it already, and knows it by its epoch.
                if (batch.Count == 0)
                {
                    while (batch.Count < MaxBatch && _waiting[shard].Reader.TryRead(out var delta))
                        batch.Add(delta);
                    if (batch.Count == 0)
                        break;
                    epoch++;
                }
                try
                {
                    await shards.ApplyCounters(shard, new CounterDeltas(epoch, CounterDelta.Write(CollectionsMarshal.AsSpan(batch))), cancellationToken);
                    _progress.Counted(shard, batch.Count);
                    batch.Clear();
                }
                catch (Exception e) when (e is TimeoutException or OrleansException)
                {
                    LogSendFailed(e, shard);
                    break;
                }
            }
            while (true);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} did not take its counters; they are kept and sent again")]
    private partial void LogSendFailed(Exception e, int shard);

    [LoggerMessage(Level = LogLevel.Error, Message = "The event at position {Position} of partition {Partition} cannot be read and is not counted")]
    private partial void LogUnreadable(Exception e, int partition, long position);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Counting events has failed; the process stops, since popularity would be wrong from here on")]
    private partial void LogFailed(Exception e);
}
