using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Tests.Shards;

/// <summary>Round 2 copies rows on the scoring pool; only a few are copied in the shard's turn.</summary>
[Trait("Suite", "Cluster")]
public sealed class HydrateTests
{
    private static readonly string[] Ids = [.. Enumerable.Range(0, 200).Select(i => $"w{i}")];

    [Fact]
    public async Task Other_calls_of_the_shard_are_answered_while_rows_wait_to_be_copied()
    {
        await using var node = await StartAsync();
        var shard = node.Grains.GetGrain<IItemShardGrain>(0);
        await using var pool = await BusyPool.OfAsync(node);

        var hydrate = shard.Hydrate(ByKeys(), default);
        Assert.Equal(200, (await shard.GetState()).Items);
        Assert.Equal("w7", (await shard.GetFacts(["w7"], default)).Facts[0]!.ItemId);
        Assert.NotNull(await shard.GetItem("w7", default));
        // The pool's only thread is held, so the copy cannot have begun: those answers came while it waited.
        Assert.False(hydrate.IsCompleted);

        pool.Release();
        Assert.Equal(Ids, (await hydrate).Ids);
    }

    [Fact]
    public async Task Rows_come_from_the_view_that_was_newest_when_they_were_asked_for()
    {
        await using var node = await StartAsync();
        var shard = node.Grains.GetGrain<IItemShardGrain>(0);
        await using var pool = await BusyPool.OfAsync(node);

        var hydrate = shard.Hydrate(ByKeys(), default);
        // A call that follows it in the same grain says that it holds its view.
        await shard.GetState();
        Assert.Equal(WriteStatus.Updated, (await node.WriteAsync(WriteOperation.Delete, "w7")).Status);
        pool.Release();

        Assert.Contains("w7", (await hydrate).Ids);
        Assert.DoesNotContain("w7", (await shard.Hydrate(ByKeys(), default)).Ids);
    }

    [Fact]
    public async Task A_caller_that_leaves_while_its_rows_wait_lets_go_of_the_view()
    {
        await using var node = await StartAsync();
        var shard = node.Grains.GetGrain<IItemShardGrain>(0);
        await using var pool = await BusyPool.OfAsync(node);
        var view = node.Service<PartitionHost>().Get(0).AcquireOnce();
        view.Dispose();
        using var cancel = new CancellationTokenSource();

        var hydrate = shard.Hydrate(ByKeys(), cancel.Token);
        await shard.GetState();
        await node.WriteAsync(WriteOperation.Delete, "w7");
        Assert.True(view.TryHold());
        view.Dispose();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hydrate);

        // The caller is told first, then the shard, whose hold was the last one. The pool's thread is still held.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (view.TryHold())
        {
            view.Dispose();
            await Task.Delay(10, limit.Token);
        }
        Assert.Throws<OperationCanceledException>(() => HydrateQueries.BlockOf(view, ByKeys()));
    }

    [Fact]
    public async Task A_few_rows_wait_for_no_thread()
    {
        await using var node = await StartAsync();
        await using var pool = await BusyPool.OfAsync(node);
        var few = ByKeys() with { Keys = ByKeys().Keys[..(HydrateQueries.MostInTurn * sizeof(ulong))] };
        Assert.Equal(Ids[..HydrateQueries.MostInTurn], (await node.Grains.GetGrain<IItemShardGrain>(0).Hydrate(few, default)).Ids);
        pool.Release();
    }

    [Fact]
    public async Task A_full_queue_refuses_the_rows()
    {
        await using var node = await StartAsync(queueLength: 1);
        await using var pool = await BusyPool.OfAsync(node);
        var waiting = node.Service<ScoringPool>().Run(0, () => 1, default);
        await Assert.ThrowsAsync<ScoringOverloadedException>(() => node.Grains.GetGrain<IItemShardGrain>(0).Hydrate(ByKeys(), default));
        pool.Release();
        Assert.Equal(1, await waiting);
    }

    private static HydrateQuery ByKeys() =>
        new(-1, [], Key64.ToBytes(Array.ConvertAll(Ids, id => Key64.Of(id))), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    private static async Task<TestNode> StartAsync(int queueLength = 100)
    {
        var node = await TestNode.StartAsync(shards: 1, settings: new() { ["Kg:Scoring:Threads"] = "1", ["Kg:Scoring:QueueLength"] = $"{queueLength}" });
        await node.PutAsync(SampleCatalogue.Items(200));
        return node;
    }

    /// <summary>Holds the only thread of a node's pool until it is released.</summary>
    private sealed class BusyPool : IAsyncDisposable
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _gate = new();
        private readonly Task<int> _job;

        private BusyPool(ScoringPool pool) => _job = pool.Run(
            0,
            () =>
            {
                _begun.SetResult();
                _gate.Wait();
                return 0;
            },
            default);

        public static async Task<BusyPool> OfAsync(TestNode node)
        {
            var pool = new BusyPool(node.Service<ScoringPool>());
            await pool._begun.Task;
            return pool;
        }

        public void Release() => _gate.Set();

        public async ValueTask DisposeAsync()
        {
            _gate.Set();
            await _job;
            _gate.Dispose();
        }
    }
}
