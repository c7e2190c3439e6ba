using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Events;

/// <summary>
/// Counts one partition of the event log: asks every shard how far it has counted, reads on from the least of the answers, and sends each shard what it lacks.
/// </summary>
/// <param name="partition">The partition.</param>
/// <param name="log">The event log.</param>
/// <param name="shards">The shards.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Takes what goes wrong.</param>
internal sealed partial class PartitionCounter(int partition, EventLog log, IShardClient shards, TimeProvider time, ILogger logger)
{
    /// <summary>Longest time that a counted event waits before it is sent: half of what a counter may be stale.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long _goal = log.EndPositions[partition];
    private readonly long[] _countedTo = new long[shards.ShardCount];
    private long _readTo;

    /// <summary>Whether all shards have counted what was in the partition at the start.</summary>
    public bool HasCaughtUp => Enumerable.Range(0, _countedTo.Length).All(shard => Volatile.Read(ref _countedTo[shard]) >= _goal);

    /// <summary>Counts until it is stopped. Throws when it fails, for then counters would be wrong from here on.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            var lanes = await OpenAsync(stop);
            using var round = CancellationTokenSource.CreateLinkedTokenSource(stop);
            Task[] loops =
            [
                ReadAsync(lanes, round.Token),
                .. lanes.Select((lane, shard) => lane is null ? WaitForAsync(shard, round.Token) : SendAsync(shard, lane, round.Token)),
            ];
            try
            {
                // The loop of a shard ends when the shard has another position than expected: then all begin anew. No other loop ends by itself.
                await await Task.WhenAny(loops);
            }
            catch (StorageException e) when (e.IsTransient)
            {
                // The store is away: what was not sent is read again.
                LogReadFailed(e, partition);
                await Task.Delay(Interval, time, stop);
            }
            finally
            {
                await round.CancelAsync();
                await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<CounterLane?[]> OpenAsync(CancellationToken stop)
    {
        var counted = await Task.WhenAll(Enumerable.Range(0, shards.ShardCount).Select(shard => AskAsync(shard, stop)));
        return Array.ConvertAll(counted, to => to is { } position ? new CounterLane(partition, position) : null);
    }

    /// <summary>How far a shard has counted; null when it does not answer.</summary>
    private async Task<long?> AskAsync(int shard, CancellationToken stop)
    {
        try
        {
            var counted = await shards.CountedTo(shard, partition, stop);
            Volatile.Write(ref _countedTo[shard], counted);
            return counted;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return null;
        }
    }

    private async Task ReadAsync(CounterLane?[] lanes, CancellationToken cancellationToken)
    {
        // While no shard answers there is nothing to read for.
        if (lanes.All(lane => lane is null))
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        var from = Enumerable.Range(0, lanes.Length).Where(shard => lanes[shard] is not null).Min(shard => _countedTo[shard]);
        Volatile.Write(ref _readTo, from);
        var (deltas, pairs) = (new List<CounterDelta>[lanes.Length], new List<PairDelta>[lanes.Length]);
        for (var shard = 0; shard < lanes.Length; shard++)
            (deltas[shard], pairs[shard]) = ([], []);
        await foreach (var record in log.ReadAsync(partition, from, cancellationToken))
            await AddAsync(record);
        // The log may end behind its last record, and an empty one begins above zero.
        Volatile.Write(ref _readTo, Math.Max(_readTo, _goal));
        await foreach (var record in log.TailAsync(partition, _readTo, cancellationToken))
            await AddAsync(record);
        cancellationToken.ThrowIfCancellationRequested();
        throw new InvalidOperationException("the event log was closed while it was counted");

        async ValueTask AddAsync(EventLogRecord record)
        {
            if (Read(record) is { } e)
                Sort(e, record.Position, deltas, pairs);
            for (var shard = 0; shard < lanes.Length; shard++)
            {
                if (deltas[shard].Count + pairs[shard].Count > 0 && lanes[shard] is { } lane && lane.Lacks(record.Position))
                {
                    await lane.WaitForRoomAsync(cancellationToken);
                    lane.Add(CollectionsMarshal.AsSpan(deltas[shard]), CollectionsMarshal.AsSpan(pairs[shard]), record.NextPosition);
                }
                deltas[shard].Clear();
                pairs[shard].Clear();
            }
            Volatile.Write(ref _readTo, record.NextPosition);
        }
    }

    private UserEvent? Read(EventLogRecord record)
    {
        try
        {
            return JsonSerializer.Deserialize<UserEvent>(record.Payload.Span, KgJson.Options);
        }
        catch (JsonException exception)
        {
            // Its checksum is right, so it was written like this. The other events still count.
            LogUnreadable(exception, record.Partition, record.Position);
            return null;
        }
    }

    private void Sort(UserEvent e, long position, List<CounterDelta>[] deltas, List<PairDelta>[] pairs)
    {
        foreach (var delta in CounterDelta.Of(e, position))
            deltas[Key64.Shard(delta.Key, shards.ShardCount)].Add(delta);
        foreach (var pair in PairDelta.Of(e))
            pairs[PartialKey.Shard(pair.Item, shards.ShardCount)].Add(pair);
    }

    private async Task SendAsync(int shard, CounterLane lane, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            bool isMore;
            do
            {
                isMore = lane.IsFull();
                if (lane.Take(Volatile.Read(ref _readTo)) is { } deltas && !await SendAsync(shard, deltas, cancellationToken))
                    return;
            }
            while (isMore);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Sends a message until the shard answers; false when the answer is another position than the end of the message.</summary>
    private async Task<bool> SendAsync(int shard, CounterDeltas deltas, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var counted = await shards.ApplyCounters(shard, deltas, cancellationToken);
                Volatile.Write(ref _countedTo[shard], counted);
                if (counted != deltas.To)
                    LogMoved(shard, partition, deltas.From, counted);
                return counted == deltas.To;
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                LogSendFailed(e, shard);
            }
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>Ends when a shard answers that did not at first.</summary>
    private async Task WaitForAsync(int shard, CancellationToken cancellationToken)
    {
        do
            await Task.Delay(Interval, time, cancellationToken);
        while (await AskAsync(shard, cancellationToken) is null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} did not take its counters; they are kept and sent again")]
    private partial void LogSendFailed(Exception e, int shard);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Shard {Shard} has counted partition {Partition} up to {Counted} and not up to {Expected}: the partition is read again from there")]
    private partial void LogMoved(int shard, int partition, long expected, long counted);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Partition {Partition} of the event log cannot be read now; counting goes on when it can")]
    private partial void LogReadFailed(Exception e, int partition);

    [LoggerMessage(Level = LogLevel.Error, Message = "The event at position {Position} of partition {Partition} cannot be read and is not counted")]
    private partial void LogUnreadable(Exception e, int partition, long position);
}
