using System.Collections.Concurrent;
using System.Text.Json;
using KgOrleans.Grains.Events;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Grains.Tests.Faults;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KgOrleans.Grains.Tests.Events;

/// <summary>Every event of a partition is counted once on its shard, whatever the shards do meanwhile.</summary>
[Trait("Suite", "Unit")]
public sealed class PartitionCounterTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kg-counter-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly CountingShards _shards = new();
    private StoppingStore _store = null!;
    private EventLog _log = null!;
    private int _recorded;

    public async ValueTask InitializeAsync()
    {
        _store = new StoppingStore(_folder);
        _log = await EventLog.OpenAsync(_store, new EventLogOptions { Partitions = 1 });
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_shard_that_has_counted_before_is_sent_what_follows_and_one_that_has_not_everything()
    {
        await RecordAsync(50);
        await CountAsync();
        var middle = _log.EndPositions[0];
        await RecordAsync(50);
        var fresh = new CountingShards();
        fresh.Restore(0, _shards, middle);
        await CountAsync(fresh);
        Assert.Equal(100, fresh.Total);
        Assert.All(fresh.Messages.Where(m => m.Shard == 0), m => Assert.True(m.Deltas.From >= middle));
        Assert.Equal(0, fresh.Messages.Where(m => m.Shard == 1).Min(m => m.Deltas.From));
    }

    [Fact]
    public async Task Answers_that_are_lost_count_nothing_twice()
    {
        await RecordAsync(200);
        for (var i = 0; i < 6; i++)
            _shards.Faults.Enqueue(i % 2 == 0 ? Fault.Before : Fault.After);
        await CountAsync();
        Assert.Empty(_shards.Faults);
        Assert.Equal(200, _shards.Total);
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_for_a_time_is_counted_when_it_can()
    {
        await RecordAsync(100);
        _store.ReadFailure = "the store is away";
        var counter = NewCounter(_shards);
        using var stop = new CancellationTokenSource();
        var running = counter.RunAsync(stop.Token);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(PartitionCounter.Interval);
            await Task.Yield();
        }
        Assert.False(running.IsCompleted);
        Assert.Equal(0, _shards.Total);
        _store.ReadFailure = null;
        await UntilAsync(() => counter.HasCaughtUp);
        Assert.Equal(100, _shards.Total);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_shard_that_falls_back_is_counted_up_again()
    {
        await RecordAsync(100);
        var counter = NewCounter(_shards);
        using var stop = new CancellationTokenSource();
        var running = counter.RunAsync(stop.Token);
        await UntilAsync(() => _shards.Total == 100);
        // It was loaded again from a snapshot of its beginning, as on another silo.
        _shards.Forget(1);
        Assert.InRange(_shards.Total, 1, 99);
        await RecordAsync(20);
        await UntilAsync(() => _shards.Total == 120);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_shard_that_cannot_be_loaded_holds_up_no_other_and_is_counted_when_it_can()
    {
        await RecordAsync(100);
        _shards.Away = 1;
        var counter = NewCounter(_shards);
        using var stop = new CancellationTokenSource();
        var running = counter.RunAsync(stop.Token);
        var others = Enumerable.Range(0, 100).Count(i => Key64.Shard(Key64.Of($"w{i}"), CountingShards.Count) != 1);
        await UntilAsync(() => _shards.Total == others);
        Assert.False(counter.HasCaughtUp);
        _shards.Away = null;
        await UntilAsync(() => counter.HasCaughtUp);
        Assert.Equal(100, _shards.Total);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task It_has_caught_up_when_every_shard_is_at_the_end_of_the_start_be_there_nothing_for_it()
    {
        await RecordAsync(1);
        var counter = NewCounter(_shards);
        Assert.False(counter.HasCaughtUp);
        await CountAsync();
        Assert.Equal(1, _shards.Total);
        Assert.All(Enumerable.Range(0, CountingShards.Count), shard => Assert.Equal(_log.EndPositions[0], _shards.CountedTo(shard)));
    }

    private PartitionCounter NewCounter(CountingShards shards) => new(0, _log, shards, _time, NullLogger.Instance);

    /// <summary>Counts until the shards have everything.</summary>
    private async Task CountAsync(CountingShards? shards = null)
    {
        var counter = NewCounter(shards ?? _shards);
        using var stop = new CancellationTokenSource();
        var running = counter.RunAsync(stop.Token);
        await UntilAsync(() => counter.HasCaughtUp);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            _time.Advance(PartitionCounter.Interval);
            await Task.Delay(1, limit.Token);
        }
    }

    private async Task RecordAsync(int events)
    {
        for (var i = 0; i < events; i++, _recorded++)
        {
            var e = EventValidator.Complete(new UserEvent { UserId = "u1", ItemId = $"w{_recorded}", Type = EventType.Play }, DateTimeOffset.UtcNow);
            await _log.AppendAsync(1, [new EventEntry((ulong)_recorded + 1, JsonSerializer.SerializeToUtf8Bytes(e, KgJson.Options))]);
        }
    }

    private enum Fault
    {
        Before,
        After,
    }

    /// <summary>Shards that count by item, and do not answer when told so.</summary>
    private sealed class CountingShards : IShardClient
    {
        public const int Count = 3;

        private readonly (long To, Dictionary<ulong, int> Plays)[] _shards = [(0, []), (0, []), (0, [])];

        public ConcurrentQueue<Fault> Faults { get; } = new();

        public ConcurrentQueue<(int Shard, CounterDeltas Deltas)> Messages { get; } = new();

        public int? Away { get; set; }

        public int ShardCount => Count;

        public int Total
        {
            get
            {
                lock (_shards)
                {
                    Assert.All(_shards.SelectMany(s => s.Plays), p => Assert.Equal(1, p.Value));
                    return _shards.Sum(s => s.Plays.Count);
                }
            }
        }

        public long CountedTo(int shard)
        {
            lock (_shards)
                return _shards[shard].To;
        }

        public void Forget(int shard)
        {
            lock (_shards)
                _shards[shard] = (0, []);
        }

        public void Restore(int shard, CountingShards from, long to) => _shards[shard] = (to, new(from._shards[shard].Plays));

        public Task<long> CountedTo(int shard, int partition, CancellationToken cancellationToken) =>
            Away == shard ? throw new OrleansException("it could not be loaded") : Task.FromResult(CountedTo(shard));

        public Task<long> ApplyCounters(int shard, CounterDeltas deltas, CancellationToken cancellationToken)
        {
            Messages.Enqueue((shard, deltas));
            var hasFault = Faults.TryDequeue(out var fault);
            if (hasFault && fault == Fault.Before)
                throw new TimeoutException();
            lock (_shards)
            {
                var (to, plays) = _shards[shard];
                if (deltas.From == to)
                {
                    foreach (var delta in CounterDelta.Read(deltas.Data))
                        plays[delta.Key] = plays.GetValueOrDefault(delta.Key) + 1;
                    _shards[shard] = (deltas.To, plays);
                }
                return hasFault ? throw new TimeoutException() : Task.FromResult(_shards[shard].To);
            }
        }

        public Task<RecallReply> Recall(int shard, RecallQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<HydrateReply> Hydrate(int shard, HydrateQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ItemFactsReply> GetFacts(int shard, string[] itemIds, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]?> GetNeighbours(int shard, byte[] items, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]?> SumNeighbours(int shard, byte[] entries, byte[] sources, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]> CountItems(int shard, byte[] interests) => throw new NotSupportedException();
    }
}
