using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Silo;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Grains.Tests.Faults;

/// <summary>A node whose logs stop and heal: writes are refused as passing, reads go on, and nobody has to restart anything.</summary>
[Trait("Suite", "Cluster")]
public sealed class FailingLogTests
{
    [Fact]
    public async Task While_logs_are_stopped_writes_are_refused_reads_go_on_and_readiness_says_so()
    {
        var data = TestNode.NewData();
        var store = new StoppingStore(Path.Combine(data, "logs"));
        try
        {
            await using var node = await TestNode.StartAsync(data, shards: 1, services: s => s.AddSingleton<ILogStore>(store));
            await node.PutAsync(Item("w1"));
            await node.RecordAsync(Like("w1"));
            await node.WarmAsync();
            Assert.Null(node.Service<SiloReadiness>().Obstacle);

            store.Failure = "the disk is away";
            Assert.Equal(WriteStatus.Unavailable, Assert.Single(await node.PutAsync(Item("w2"))).Status);
            Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Like("w1") with { UserId = "u2" }));
            var shard = node.Grains.GetGrain<IItemShardGrain>(0);
            Assert.NotNull(await shard.GetItem("w1", default));
            Assert.NotEmpty((await node.PageAsync("u3")).Items);
            var state = await shard.GetState();
            Assert.Equal((false, "the disk is away"), (state.Ready, state.Failure));
            Assert.Contains("the disk is away", node.Service<SiloReadiness>().Obstacle);
            Assert.Equal("the disk is away", (await node.Grains.GetGrain<IEventPartitionGrain>(0).GetState()).Failure);

            store.Failure = null;
            Assert.Equal(WriteStatus.Created, Assert.Single(await node.PutAsync(Item("w2"))).Status);
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Like("w1") with { UserId = "u2" }));
            Assert.True((await shard.GetState()).Ready);
            Assert.Null(node.Service<SiloReadiness>().Obstacle);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static ItemDocument Item(string id) => new() { ItemId = id, CreatorId = "c1", Kind = ItemKind.Audio };

    private static UserEvent Like(string item) => new() { UserId = "u1", ItemId = item, Type = EventType.Like };
}
