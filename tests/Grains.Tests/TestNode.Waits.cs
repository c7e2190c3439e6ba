using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Catalogue;

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

    /// <summary>Waits until the shards have counted that many valid plays, and never more: the counters follow the log within two seconds.</summary>
    public Task CountedAsync(int plays) => CountedAsync(plays, counters => counters.Plays);

    /// <summary>Waits until what is counted of all items sums up to a number, and never more.</summary>
    public async Task CountedAsync(int expected, Func<ItemCounters, int> of)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var counted = 0;
            for (var shard = 0; shard < ShardCount; shard++)
            {
                using var view = Service<PartitionHost>().Get(shard).AcquireOnce();
                for (var row = 0; row < view.RowCount; row++)
                    counted += of(view.CountersOf(row));
            }
            Assert.True(counted <= expected, $"{counted} events were counted, {expected} happened");
            if (counted == expected)
                return;
            await Task.Delay(20, limit.Token);
        }
    }
}
