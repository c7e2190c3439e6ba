using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using KgOrleans.Grains.Events;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Neighbours;
using KgOrleans.Ranking.Recall;
using KgOrleans.Storage;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Grains.Tests.Snapshots;

/// <summary>What a shard has after a restart from base snapshots is what it had before, through a real silo.</summary>
[Trait("Suite", "Cluster")]
public sealed class ShardSnapshotTests : IDisposable
{
    private const int SegmentBytes = 16 << 10;

    private readonly string _data = TestNode.NewData();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Documents_versions_counters_and_neighbours_come_back_and_the_log_is_trimmed()
    {
        string before;
        await using (var node = await StartAsync())
        {
            await ChangeAsync(node, seed: 1, rounds: 6);
            before = await DescribeAsync(node);
            var states = await StatesAsync(node);
            Assert.All(states, s => Assert.True(s.SnapshotPosition > 0 && s.SnapshotBytes > 0, $"shard {s.Shard} has no snapshot"));
            Assert.All(states, s => Assert.Null(s.SnapshotFailure));
            Assert.All(states, s => Assert.InRange(s.LogBytes, 1, s.LogPosition - (2 * SegmentBytes)));
        }
        Assert.All(Directory.GetFiles(Path.Combine(_data, "snapshots"), "shard-*").GroupBy(f => Path.GetFileName(f)[..10]), g => Assert.InRange(g.Count(), 1, 2));
        await using (var node = await StartAsync())
        {
            await CaughtUpAsync(node);
            Assert.Equal(before, await DescribeAsync(node));
            // It goes on from there, and once more.
            await ChangeAsync(node, seed: 2, rounds: 3);
            before = await DescribeAsync(node);
        }
        await using (var node = await StartAsync())
        {
            await CaughtUpAsync(node);
            Assert.Equal(before, await DescribeAsync(node));
        }
    }

    [Fact]
    public async Task A_damaged_snapshot_costs_a_longer_replay_and_two_of_them_refuse_the_shard_with_their_names()
    {
        string before;
        await using (var node = await StartAsync(shards: 1))
        {
            await ChangeAsync(node, seed: 3, rounds: 6);
            before = await DescribeAsync(node);
        }
        var files = Directory.GetFiles(Path.Combine(_data, "snapshots"), "shard-*").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(2, files.Length);
        Flip(files[1]);
        await using (var node = await StartAsync(shards: 1))
        {
            await CaughtUpAsync(node);
            Assert.Equal(before, await DescribeAsync(node));
        }
        foreach (var file in Directory.GetFiles(Path.Combine(_data, "snapshots"), "shard-*"))
            Flip(file);
        await using (var node = await StartAsync(shards: 1))
        {
            var partition = node.Service<PartitionHost>().Get(0);
            await Assert.ThrowsAnyAsync<Exception>(() => partition.Ready);
            Assert.Contains("shard-000 has been trimmed", partition.Failure);
        }
    }

    [Fact]
    public async Task Items_that_lie_in_a_snapshot_are_read_changed_and_deleted_as_others()
    {
        await using var node = await StartAsync(shards: 1);
        var written = (await node.PutAsync(Item("kept", "a"), Item("gone", "a")))[0].Version;
        await FillAsync(node, "filler", 200);
        await SnapshotAsync(node);
        var found = await node.Grains.GetGrain<IItemShardGrain>(0).GetItem("kept", default);
        Assert.Equal(written, found!.Version);
        Assert.Equal(WriteStatus.Updated, (await node.WriteAsync(WriteOperation.Patch, "kept", """{"title":"new"}""", written)).Status);
        Assert.Equal(WriteStatus.Updated, (await node.WriteAsync(WriteOperation.Delete, "gone")).Status);
        await FillAsync(node, "filler", 400);
        await SnapshotAsync(node);
        found = await node.Grains.GetGrain<IItemShardGrain>(0).GetItem("kept", default);
        Assert.Equal(("new", "a"), (Document(found!).Title, Document(found!).Tags[0]));
        Assert.Null(await node.Grains.GetGrain<IItemShardGrain>(0).GetItem("gone", default));
    }

    [Fact]
    public async Task Reads_and_writes_go_on_while_snapshots_are_written()
    {
        await using var node = await StartAsync(shards: 1);
        using var stop = new CancellationTokenSource();
        await node.PutAsync(Item("read", "a"));
        var reading = Task.Run(async () =>
        {
            var reads = 0;
            for (; !stop.IsCancellationRequested; reads++)
                Assert.NotNull(await node.Grains.GetGrain<IItemShardGrain>(0).GetItem("read", default));
            return reads;
        });
        var seen = new HashSet<long>();
        for (var i = 0; seen.Count < 5; i++)
        {
            await FillAsync(node, "filler", 50);
            seen.Add((await StatesAsync(node))[0].SnapshotPosition);
            Assert.True(i < 2_000, "no snapshots are written");
        }
        await stop.CancelAsync();
        Assert.True(await reading > 0);
    }

    [Fact]
    public async Task A_snapshot_of_another_log_is_refused()
    {
        await using (var node = await StartAsync(shards: 1))
        {
            await FillAsync(node, "filler", 200);
            await SnapshotAsync(node);
        }
        Directory.Delete(Path.Combine(_data, "logs"), recursive: true);
        await using (var node = await StartAsync(shards: 1))
        {
            var partition = node.Service<PartitionHost>().Get(0);
            await Assert.ThrowsAnyAsync<Exception>(() => partition.Ready);
            Assert.Contains("belongs to another log", partition.Failure);
        }
    }

    /// <summary>A node that writes snapshots often, and whose logs have small segments, so that they can be trimmed.</summary>
    private Task<TestNode> StartAsync(int shards = 2) =>
        TestNode.StartAsync(_data, shards, new() { ["Kg:Shards:SnapshotAfterBytes"] = "65536" }, services => services.AddSingleton<ILogStore>(s =>
            new LocalLogStore(s.GetRequiredService<DataDirectory>().LogsPath, NullLogger<LocalLogStore>.Instance) { SegmentBytes = SegmentBytes }));

    /// <summary>Writes, patches and deletes items, some of them again and again, with plays and likes between.</summary>
    private static async Task ChangeAsync(TestNode node, int seed, int rounds)
    {
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            await node.PutAsync([.. Enumerable.Range(0, 300).Select(_ => Item($"w{random.Next(400)}", $"t{random.Next(5)}"))]);
            for (var i = 0; i < 30; i++)
                await node.WriteAsync(WriteOperation.Delete, $"w{random.Next(400)}");
            for (var user = 0; user < 10; user++)
            {
                await node.RecordAsync([.. Enumerable.Range(0, 6).Select(i => new UserEvent
                {
                    EventId = $"{seed}-{round}-{user}-{i}", UserId = $"u{user}", ItemId = $"w{random.Next(400)}",
                    Type = i % 2 == 0 ? EventType.Play : EventType.Like,
                })]);
            }
            await node.CountedAsync();
        }
        await SnapshotAsync(node);
        await node.PutAsync([.. Enumerable.Range(0, 20).Select(_ => Item($"w{random.Next(400)}", "last"))]);
    }

    private static async Task FillAsync(TestNode node, string prefix, int items) =>
        await node.PutAsync([.. Enumerable.Range(0, items).Select(i => Item($"{prefix}{i}", "a"))]);

    /// <summary>Waits until every shard has a snapshot and none is due.</summary>
    private static async Task SnapshotAsync(TestNode node)
    {
        await UntilAsync(async () => (await StatesAsync(node)).All(s => s.SnapshotPosition > 0));
        await Task.WhenAll(Enumerable.Range(0, node.ShardCount).Select(s => node.Service<PartitionHost>().Get(s).Snapshots.Written));
    }

    private static Task CaughtUpAsync(TestNode node) => UntilAsync(() => Task.FromResult(node.Service<CounterConsumer>().HasCaughtUp));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
            await Task.Delay(20, limit.Token);
    }

    private static async Task<ItemShardView[]> StatesAsync(TestNode node) =>
        await Task.WhenAll(Enumerable.Range(0, node.ShardCount).Select(s => node.Grains.GetGrain<IItemShardGrain>(s).GetState()));

    /// <summary>Every item: version, document, counters and neighbours.</summary>
    private static async Task<string> DescribeAsync(TestNode node)
    {
        await node.CountedAsync();
        var text = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var shard in Enumerable.Range(0, node.ShardCount))
        {
            var partition = node.Service<PartitionHost>().Get(shard);
            using var view = partition.AcquireOnce();
            for (var row = 0; row < view.RowCount; row++)
            {
                if (!view.IsLive(row))
                    continue;
                var item = (await node.Grains.GetGrain<IItemShardGrain>(shard).GetItem(view.IdOf(row), default))!;
                var counters = view.CountersOf(row);
                // Lists have no order. What a full one keeps depends on the order in which partitions of the event log are counted.
                var neighbours = MemoryMarshal.Cast<byte, SimilarEntry>(partition.Neighbours.Read([PartialKey.Of(view.KeyOf(row))], view)).ToArray();
                Assert.Equal(view.VersionOf(row), item.Version);
                text.Add($"{Encoding.UTF8.GetString(item.Json)} v{item.Version} {counters.Plays} {counters.Likes} {counters.Fans} {counters.Hot(0)} "
                    + string.Join(',', neighbours.Where(_ => neighbours.Length <= NeighbourTable.MostNeighbours).Select(n => $"{n.Key:x}:{n.Weight}").Order(StringComparer.Ordinal)));
            }
        }
        Assert.NotEmpty(text);
        return string.Join('\n', text);
    }

    private static ItemDocument Item(string id, string tag) => new()
    {
        ItemId = id,
        CreatorId = "c1",
        Kind = ItemKind.Audio,
        Tags = [tag],
        Title = new string('x', 400),
    };

    private static ItemDocument Document(ItemReply reply) => JsonSerializer.Deserialize<ItemDocument>(reply.Json, KgJson.Options)!;

    private static void Flip(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
