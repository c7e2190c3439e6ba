using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Storage.Events;

namespace KgOrleans.Grains.Tests;

/// <summary>Waits for what a silo does in the background.</summary>
internal sealed partial class TestNode
{
    /// <summary>Waits until every shard is loaded.</summary>
    public async Task WarmAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var states = await Task.WhenAll(Enumerable.Range(0, ShardCount).Select(s => Grains.GetGrain<IItemShardGrain>(s).GetState()));
            Assert.All(states, s => Assert.Null(s.Failure));
            if (states.All(s => s.Ready))
                return;
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>Waits until everything is counted, and that makes so many valid plays.</summary>
    public Task CountedAsync(int plays) => CountedAsync(plays, counters => counters.Plays);

    /// <summary>Waits until everything is counted, and what is counted of all items sums up to a number then.</summary>
    public async Task CountedAsync(int expected, Func<ItemCounters, int> of)
    {
        await CountedAsync();
        var counted = 0;
        for (var shard = 0; shard < ShardCount; shard++)
        {
            using var view = Service<PartitionHost>().Get(shard).AcquireOnce();
            for (var row = 0; row < view.RowCount; row++)
                counted += of(view.CountersOf(row));
        }
        Assert.Equal(expected, counted);
    }

    /// <summary>Waits until every shard has counted every event that is in the log now, with its pairs.</summary>
    public async Task CountedAsync()
    {
        var ends = Service<EventLog>().EndPositions;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var shard = 0; shard < ShardCount; shard++)
        {
            for (var partition = 0; partition < ends.Length; partition++)
            {
                while (await Grains.GetGrain<IItemShardGrain>(shard).CountedTo(partition, limit.Token) < ends[partition])
                    await Task.Delay(20, limit.Token);
            }
        }
    }
}
