using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Events;

/// <summary>
/// Reads the event log from its beginning and sends every shard packed deltas of its items' counters, about once a second. A delta is sent until the shard has it; shards ignore what they have.
/// </summary>
public sealed partial class CounterConsumer(EventLog log, IShardClient shards, TimeProvider time, ILogger<CounterConsumer> logger) : BackgroundService
{
    /// <summary>Longest time that a counted event waits before it is sent: half of what a counter may be stale.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // 24 bytes a delta: a message of at most 480 KB.
    private const int MaxBatch = 20_000;

    private readonly Lock _lock = new();
    private readonly List<CounterDelta>[] _waiting = NewLists(shards.ShardCount);
    private readonly long[] _epochs = new long[shards.ShardCount];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll([.. Enumerable.Range(0, log.Partitions).Select(p => ReadAsync(p, stoppingToken)), SendAsync(stoppingToken)]);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The log may close under a read while the silo stops.
        }
    }

    private static List<CounterDelta>[] NewLists(int count)
    {
        var lists = new List<CounterDelta>[count];
        for (var i = 0; i < count; i++)
            lists[i] = [];
        return lists;
    }

    private async Task ReadAsync(int partition, CancellationToken cancellationToken)
    {
        await foreach (var record in log.TailAsync(partition, 0, cancellationToken))
        {
            var e = JsonSerializer.Deserialize<UserEvent>(record.Payload.Span, KgJson.Options)!;
            var key = ItemKey.Of(e.ItemId);
            var delta = new CounterDelta(key, e.Timestamp!.Value.ToUnixTimeMilliseconds(), (float)(e.Value ?? 0), e.Type);
            lock (_lock)
                _waiting[ItemKey.Shard(key, shards.ShardCount)].Add(delta);
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await Task.WhenAll(Enumerable.Range(0, shards.ShardCount).Select(shard => SendAsync(shard, cancellationToken)));
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task SendAsync(int shard, CancellationToken cancellationToken)
    {
        while (true)
        {
            CounterDelta[] batch;
            lock (_lock)
                batch = [.. _waiting[shard].Take(MaxBatch)];
            if (batch.Length == 0)
                return;
            try
            {
                await shards.ApplyCounters(shard, new CounterDeltas(_epochs[shard] + 1, CounterDelta.Write(batch)), cancellationToken);
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                // Sent again with the same epoch at the next tick.
                LogSendFailed(e, shard);
                return;
            }
            _epochs[shard]++;
            lock (_lock)
                _waiting[shard].RemoveRange(0, batch.Length);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Counters of shard {Shard} could not be sent; they are kept and sent again")]
    private partial void LogSendFailed(Exception e, int shard);
}
