using System.Text;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Tests.Export;

/// <summary>What shards and event partitions of a real silo export, while others write.</summary>
[Trait("Suite", "Cluster")]
public sealed class ExportTests
{
    // More than a part of one shard holds.
    private const int Items = 5_000;

    [Fact]
    public async Task Items_that_stay_are_in_exactly_one_part_whatever_is_written_meanwhile()
    {
        await using var node = await TestNode.StartAsync(shards: 2, settings: new() { ["Kg:Catalogue:WorldId"] = "mine" });
        await node.PutAsync([.. Enumerable.Range(0, Items).Select(i => Item($"stays-{i}", "before"))]);
        await node.PutAsync([.. Enumerable.Range(0, 500).Select(i => Item($"goes-{i}", "before"))]);
        for (var i = 0; i < 500; i += 2)
            await node.WriteAsync(WriteOperation.Delete, $"goes-{i}");

        using var stop = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await node.PutAsync(Item($"stays-{i % Items}", "after"), Item($"new-{i}", "after"));
                await node.WriteAsync(WriteOperation.Delete, $"goes-{(2 * i + 1) % 500}");
            }
        });
        var (items, parts) = await ReadAsync<ItemDocument>(node.ShardCount, (shard, from) => node.Grains.GetGrain<IItemShardGrain>(shard).Export(from, default));
        await stop.CancelAsync();
        await writer;

        var stayed = items.Where(i => i.ItemId.StartsWith("stays", StringComparison.Ordinal)).ToArray();
        Assert.Equal(Items, stayed.Length);
        Assert.Equal(Items, stayed.DistinctBy(i => i.ItemId).Count());
        Assert.Equal(items.Count, items.DistinctBy(i => i.ItemId).Count());
        Assert.DoesNotContain(items, i => i.ItemId.StartsWith("goes", StringComparison.Ordinal) && int.Parse(i.ItemId[5..]) % 2 == 0);
        Assert.All(items, i => Assert.Equal("mine", i.WorldId));
        Assert.True(parts > 2, $"{parts} parts");
        // What was exported is taken back as it is, and is the same catalogue.
        await using var copy = await TestNode.StartAsync(shards: 3, settings: new() { ["Kg:Catalogue:WorldId"] = "mine" });
        Assert.All(await copy.PutAsync([.. items]), r => Assert.True(r.Succeeded));
        var (again, _) = await ReadAsync<ItemDocument>(3, (shard, from) => copy.Grains.GetGrain<IItemShardGrain>(shard).Export(from, default));
        Assert.Equal(Lines(items), Lines(again));
    }

    [Fact]
    public async Task Events_come_in_a_users_order_with_their_ids_and_lead_to_the_same_log_again()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync([.. Enumerable.Range(0, 40).Select(i => Item($"i{i}", "t"))]);
        var now = DateTimeOffset.UtcNow;
        for (var user = 0; user < 20; user++)
        {
            await node.RecordAsync([.. Enumerable.Range(0, 250).Select(i => new UserEvent
            {
                UserId = $"u{user}",
                ItemId = $"i{i % 40}",
                Type = i % 3 == 0 ? EventType.Like : EventType.Play,
                Value = i % 3 == 0 ? null : 0.9,
                Timestamp = now.AddSeconds(i - 1_000),
                EventId = i % 2 == 0 ? $"own-{user}-{i}" : null,
                RequestId = "r1",
                Position = i % 7,
            })]);
        }
        // Without ids: the second like is another event than the first, after it was taken back.
        await node.RecordAsync(new UserEvent { UserId = "u0", ItemId = "i0", Type = EventType.Like, Undo = true });
        await node.RecordAsync(new UserEvent { UserId = "u0", ItemId = "i0", Type = EventType.Like });

        var (events, parts) = await ReadAsync<UserEvent>(4, (p, from) => node.Grains.GetGrain<IEventPartitionGrain>(p).Export(from ?? 0, default));
        Assert.Equal(20 * 250 + 2, events.Count);
        Assert.True(parts >= 4, $"{parts} parts");
        Assert.All(events, e => Assert.True(e is { Repeat: null, TakesBack: null, PairedWith: null, EventId: not null }));
        foreach (var user in events.GroupBy(e => e.UserId))
            Assert.Equal(user.Take(250).Select(e => e.Timestamp), user.Take(250).Select(e => e.Timestamp).Order());

        await using var copy = await TestNode.StartAsync();
        await copy.PutAsync([.. Enumerable.Range(0, 40).Select(i => Item($"i{i}", "t"))]);
        foreach (var user in events.GroupBy(e => e.UserId))
            Assert.All(await copy.RecordAsync([.. user]), status => Assert.Equal(EventStatus.Accepted, status));
        var (again, _) = await ReadAsync<UserEvent>(4, (p, from) => copy.Grains.GetGrain<IEventPartitionGrain>(p).Export(from ?? 0, default));
        Assert.Equal(Lines(events), Lines(again));
        foreach (var user in events.GroupBy(e => e.UserId))
            Assert.All(await copy.RecordAsync([.. user]), status => Assert.Equal(EventStatus.Duplicate, status));
    }

    [Fact]
    public async Task A_place_beyond_the_log_and_a_partition_that_is_none_are_refused()
    {
        await using var node = await TestNode.StartAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => node.Grains.GetGrain<IEventPartitionGrain>(0).Export(1 << 30, default));
        await Assert.ThrowsAnyAsync<Exception>(() => node.Grains.GetGrain<IEventPartitionGrain>(4).Export(0, default));
        Assert.Equal(new ExportReply([], null, false).Lines, (await node.Grains.GetGrain<IEventPartitionGrain>(0).Export(0, default)).Lines);
    }

    private static async Task<(List<T> Read, int Parts)> ReadAsync<T>(int keepers, Func<int, ulong?, Task<ExportReply>> ask)
    {
        var (read, parts) = (new List<T>(), 0);
        for (var keeper = 0; keeper < keepers; keeper++)
        {
            ulong? from = null;
            do
            {
                var reply = await ask(keeper, from);
                Assert.False(reply.Warming);
                foreach (var line in Encoding.UTF8.GetString(reply.Lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    read.Add(JsonSerializer.Deserialize<T>(line, KgJson.Options)!);
                from = reply.Next;
                parts++;
            }
            while (from is not null);
        }
        return (read, parts);
    }

    private static string[] Lines<T>(IEnumerable<T> documents) => [.. documents.Select(d => JsonSerializer.Serialize(d, KgJson.Options)).Order(StringComparer.Ordinal)];

    private static ItemDocument Item(string id, string tag) => new() { ItemId = id, CreatorId = "c1", Kind = ItemKind.Audio, Tags = [tag] };
}
