using KgOrleans.Grains.Events;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Tests.Events;

/// <summary>Counters after a restart are those from before, through a real silo.</summary>
[Trait("Suite", "Cluster")]
public sealed class CountedOnceTests
{
    [Fact]
    public async Task An_item_that_was_deleted_and_created_again_does_not_get_its_first_life_back()
    {
        var data = TestNode.NewData();
        try
        {
            await using (var node = await TestNode.StartAsync(data, shards: 2))
            {
                await node.PutAsync(Item("again"), Item("other"));
                await node.RecordAsync(Play("u1", "again"), Like("u1", "again"), Play("u1", "other"));
                await node.RecordAsync(Play("u2", "again"), Like("u2", "again"));
                await node.CountedAsync(3);
                await node.WriteAsync(WriteOperation.Delete, "again");
                await node.PutAsync(Item("again"));
                await node.RecordAsync(Play("u3", "again"), Like("u3", "again"));
                await node.CountedAsync(4);
                Assert.Equal((1, 1, 8U), Of(node, "again"));
            }
            await using (var node = await TestNode.StartAsync(data, shards: 2))
            {
                await UntilCountedAsync(node);
                Assert.Equal((1, 1, 8U), Of(node, "again"));
                Assert.Equal(1, Of(node, "other").Plays);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static (int Plays, int Likes, uint Fans) Of(TestNode node, string itemId)
    {
        using var view = node.Service<PartitionHost>().Get(Key64.Shard(Key64.Of(itemId), node.ShardCount)).AcquireOnce();
        var counters = view.CountersOf(view.Find(Key64.Of(itemId)));
        return (counters.Plays, counters.Likes, counters.Fans);
    }

    private static async Task UntilCountedAsync(TestNode node)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!node.Service<CounterConsumer>().HasCaughtUp)
            await Task.Delay(10, limit.Token);
    }

    private static ItemDocument Item(string id) => new() { ItemId = id, CreatorId = "c1", Kind = ItemKind.Audio, Tags = ["a"] };

    private static UserEvent Play(string user, string item) => new() { UserId = user, ItemId = item, Type = EventType.Play };

    private static UserEvent Like(string user, string item) => new() { UserId = user, ItemId = item, Type = EventType.Like };
}
