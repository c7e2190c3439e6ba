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

    // 16 bytes a pair: a message of at most 1 MB, and as much again of one event.
    private const int MaxPairs = 60_000;
    private const int MaxWaitingPairs = 4_096;

    private readonly Channel<CounterDelta>[] _waiting = NewChannels<CounterDelta>(shards.ShardCount, MaxWaiting);
    private readonly Channel<PairDelta[]>[] _pairs = NewChannels<PairDelta[]>(shards.ShardCount, MaxWaitingPairs);
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

    private static Channel<T>[] NewChannels<T>(int count, int capacity)
    {
        var channels = new Channel<T>[count];
        for (var i = 0; i < count; i++)
            channels[i] = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true });
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
        foreach (var count in ItemCount.Of(e))
        {
            var key = Key64.Of(count.ItemId);
            var shard = Key64.Shard(key, shards.ShardCount);
            _progress.Read(shard);
            var delta = new CounterDelta(key, count.At, (float)count.Value, count.Type, count.TakesBack);
            await _waiting[shard].Writer.WriteAsync(delta, cancellationToken);
        }
        if (!ItemPairs.IsOf(e))
            return;
        var lists = new List<PairDelta>[shards.ShardCount];
        for (var shard = 0; shard < lists.Length; shard++)
            lists[shard] = [];
        PairDelta.Add(e, shards.ShardCount, lists);
        for (var shard = 0; shard < lists.Length; shard++)
        {
            if (lists[shard].Count == 0)
                continue;
            _progress.Read(shard, lists[shard].Count);
            await _pairs[shard].Writer.WriteAsync([.. lists[shard]], cancellationToken);
        }
    }

    private async Task SendAsync(int shard, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var batch = new List<CounterDelta>();
        var pairs = new List<PairDelta>();
        var epoch = 0L;
        do
        {
            do
            {
                // A batch that was not confirmed is sent again unchanged: the shard may have it already, and knows it by its epoch.
                if (batch.Count + pairs.Count == 0)
                {
                    while (batch.Count < MaxBatch && _waiting[shard].Reader.TryRead(out var delta))
                        batch.Add(delta);
                    while (pairs.Count < MaxPairs && _pairs[shard].Reader.TryRead(out var more))
                        pairs.AddRange(more);
                    if (batch.Count + pairs.Count == 0)
                        break;
                    epoch++;
                }
                try
                {
                    var deltas = new CounterDeltas(epoch, CounterDelta.Write(CollectionsMarshal.AsSpan(batch)))
                    {
                        Pairs = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(pairs)).ToArray(),
                    };
                    await shards.ApplyCounters(shard, deltas, cancellationToken);
                    _progress.Counted(shard, batch.Count + pairs.Count);
                    batch.Clear();
                    pairs.Clear();
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
