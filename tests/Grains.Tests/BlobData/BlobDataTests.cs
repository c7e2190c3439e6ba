using System.Text;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;
using KgOrleans.TestSupport;
using static KgOrleans.Grains.Tests.BlobData.BlobDataNodes;

namespace KgOrleans.Grains.Tests.BlobData;

/// <summary>A node whose logs are in a container: it finds everything again, and goes on when the service is back.</summary>
[Trait("Suite", "Cluster")]
public sealed class BlobDataTests : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly BlobDataNodes _nodes;
    private readonly AzuriteServer _azurite;

    public BlobDataTests(AzuriteFixture azurite)
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        _azurite = azurite.Server!;
        _nodes = new BlobDataNodes(_azurite);
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public async Task Items_events_and_snapshots_are_in_the_container_and_found_again_after_a_restart()
    {
        long version;
        await using (var node = await _nodes.StartAsync())
        {
            await node.PutAsync([.. Enumerable.Range(0, 20).Select(i => Item(i))]);
            version = Assert.Single(await node.PutAsync(Item(3, creator: "c2"))).Version;
            Assert.Equal([EventStatus.Accepted, EventStatus.Accepted], await node.RecordAsync(Like(3), Play(4)));
            await using var snapshot = await node.Service<IObjectStore>().CreateAsync("test-1", TestContext.Current.CancellationToken);
            await snapshot.WriteAsync(new byte[10], TestContext.Current.CancellationToken);
            await snapshot.CompleteAsync(TestContext.Current.CancellationToken);
        }
        await using (var node = await _nodes.StartAsync())
        {
            await node.WarmAsync();
            await node.CountedAsync(1);
            var item = await ItemAsync(node, 3);
            Assert.Equal((version, "c2"), (item!.Version, JsonSerializer.Deserialize<ItemDocument>(item.Json, KgJson.Options)!.CreatorId));
            Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(Like(3)));
            var user = (await node.Grains.GetGrain<IUserGrain>("u1").GetDetails(default))!;
            Assert.Contains("w4", Encoding.UTF8.GetString(user.HistoryJson), StringComparison.Ordinal);
            Assert.Equal(["test-1"], await node.Service<IObjectStore>().ListAsync("test-", TestContext.Current.CancellationToken));
        }
        var names = await _nodes.BlobsAsync();
        Assert.Contains("logs/catalogue.json", names);
        Assert.Contains("logs/shard-001/manifest", names);
        Assert.Contains("logs/events-00/manifest", names);
        Assert.Contains("snapshots/test-1", names);
        foreach (string folder in (string[])["logs", "snapshots"])
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_nodes.Data, folder)));
        Assert.Equal("kg", (await _nodes.Client.GetPropertiesAsync(cancellationToken: TestContext.Current.CancellationToken)).Value.Metadata["kgserviceid"]);
    }

    [Fact]
    public async Task Base_snapshots_are_written_into_the_container_and_a_start_reads_them()
    {
        const int Items = 1_000;
        string title = new('t', 200);
        await using (var node = await _nodes.StartAsync(Often))
        {
            for (int i = 0; i < Items; i += 100)
                await node.PutAsync([.. Enumerable.Range(i, 100).Select(n => Item(n) with { Title = title })]);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            // A snapshot is written when the log has grown, which the writer of the shard looks at after a write.
            while ((await StatesAsync(node)).Any(s => s.SnapshotPosition == 0))
            {
                await node.PutAsync(Item(0) with { Title = title });
                await node.PutAsync(Item(1) with { Title = title }, Item(2) with { Title = title }, Item(3) with { Title = title });
                await Task.Delay(20, limit.Token);
            }
            Assert.All(await StatesAsync(node), s => Assert.Null(s.SnapshotFailure));
        }
        Assert.NotEmpty(await _nodes.BlobsAsync("snapshots/shard-000-"));
        Assert.NotEmpty(await _nodes.BlobsAsync("snapshots/shard-001-"));
        await using (var node = await _nodes.StartAsync(Often))
        {
            await node.WarmAsync();
            Assert.All(await StatesAsync(node), s => Assert.True(s.SnapshotPosition > 0, $"shard {s.Shard} read no snapshot"));
            Assert.Equal(Items, await CountAsync(node));
            foreach (int number in (int[])[0, 1, 500, 999])
                Assert.Equal(title, JsonSerializer.Deserialize<ItemDocument>((await ItemAsync(node, number))!.Json, KgJson.Options)!.Title);
        }

        static void Often(Dictionary<string, string?> settings) => settings["Kg:Shards:SnapshotAfterBytes"] = "65536";
    }

    [Fact]
    public async Task While_the_service_is_away_writes_are_refused_pages_go_on_and_no_restart_is_needed()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        using var nodes = new BlobDataNodes(azurite);
        await using var node = await nodes.StartAsync();
        await node.PutAsync([.. Enumerable.Range(0, 20).Select(i => Item(i))]);
        await node.RecordAsync(Play(1));
        await node.CountedAsync(1);
        await azurite.StopAsync();

        Assert.Equal(WriteStatus.Unavailable, Assert.Single(await node.PutAsync(Item(20))).Status);
        Assert.Equal([EventStatus.Unavailable], await node.RecordAsync(Play(2)));
        Assert.NotEmpty((await node.PageAsync("u1")).Items);
        Assert.NotEmpty((await node.PageAsync("u2")).Items);

        await azurite.RestartAsync();
        Assert.Equal(WriteStatus.Created, (await UntilTakenAsync(node, Item(20))).Status);
        Assert.Equal(EventStatus.Accepted, await UntilTakenAsync(node, 2));
        await node.CountedAsync(2);
        Assert.NotNull(await ItemAsync(node, 20));
    }

    [Fact]
    public async Task Writes_whose_answers_are_lost_are_there_once()
    {
        await using var proxy = new FaultyProxy(_azurite.Port);
        await using (var node = await StartAsync())
        {
            await node.PutAsync(Item(0));
            long before = await _nodes.BytesAsync("logs/shard-");
            proxy.Fault = Fault.LoseAnswers;
            var put = node.PutAsync(Item(0, creator: "c2"), Item(1), Item(2), Item(3));
            var play = node.RecordAsync(Play(0));
            while (await _nodes.BytesAsync("logs/shard-") == before)
                Assert.False(put.IsCompleted);
            proxy.Fault = Fault.None;
            Assert.All(await put, result => Assert.True(result.Succeeded));
            // The event may have been refused in time, and be in the log all the same.
            if (await play is [EventStatus.Unavailable])
                await UntilTakenAsync(node, 0);
            await node.CountedAsync(1);
        }
        await using (var node = await StartAsync())
        {
            await node.WarmAsync();
            await node.CountedAsync(1);
            Assert.Equal(4, await CountAsync(node));
        }

        Task<TestNode> StartAsync() =>
            _nodes.StartAsync(settings => settings["Kg:BlobServices:store:ConnectionString"] = AzuriteServer.ConnectionStringThrough(proxy.Port));
    }

    [Fact]
    public async Task A_second_node_takes_the_logs_over_and_the_first_acknowledges_nothing_more()
    {
        await using var first = await _nodes.StartAsync(Shared);
        await first.PutAsync([.. Enumerable.Range(0, 10).Select(i => Item(i))]);
        Assert.Equal([EventStatus.Accepted], await first.RecordAsync(Play(1)));
        var other = TestNode.NewData();
        try
        {
            await using (var second = await _nodes.StartAsync(Shared, other))
            {
                await second.WarmAsync();
                Assert.Equal(10, await CountAsync(second));
                Assert.All(await first.PutAsync(Item(10), Item(11), Item(12), Item(13)), result => Assert.Equal(WriteStatus.Unavailable, result.Status));
                Assert.Equal([EventStatus.Unavailable], await first.RecordAsync(Play(2)));
                Assert.NotEmpty((await first.PageAsync("u1")).Items);
                Assert.Equal(WriteStatus.Created, Assert.Single(await second.PutAsync(Item(14))).Status);
            }
            await using var third = await _nodes.StartAsync(Shared, other);
            await third.WarmAsync();
            Assert.Equal(11, await CountAsync(third));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public async Task A_node_with_other_settings_is_refused_before_it_takes_anything_over()
    {
        await using var node = await _nodes.StartAsync(Shared);
        await node.PutAsync(Item(1));
        var other = TestNode.NewData();
        try
        {
            var refused = await Assert.ThrowsAsync<Storage.StorageException>(() => _nodes.StartAsync(
                settings =>
                {
                    Shared(settings);
                    settings["Kg:Catalogue:WorldId"] = "other";
                },
                other));
            Assert.Equal($"the data in container {_nodes.Container} was made with other settings: Kg:Catalogue:WorldId was main, now is other", refused.Message);
            Assert.Equal(WriteStatus.Created, Assert.Single(await node.PutAsync(Item(2))).Status);
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Play(1)));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public async Task Logs_on_the_disk_are_the_default()
    {
        await using var node = await TestNode.StartAsync();
        Assert.IsType<LocalLogStore>(node.Service<ILogStore>());
        Assert.IsType<LocalObjectStore>(node.Service<IObjectStore>());
    }

    /// <summary>States in the same account: a second node needs no directory of the first.</summary>
    private void Shared(Dictionary<string, string?> settings)
    {
        settings["Orleans:GrainStorage:Default:ProviderType"] = "AzureBlobStorage";
        settings["Orleans:GrainStorage:Default:ServiceKey"] = "store";
        settings["Orleans:GrainStorage:Default:ContainerName"] = _nodes.Container + "-s";
    }

    private static async Task<WriteResult> UntilTakenAsync(TestNode node, ItemDocument item)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var result = Assert.Single(await node.PutAsync(item));
            if (result.Status != WriteStatus.Unavailable)
                return result;
            await Task.Delay(50, limit.Token);
        }
    }

    private static async Task<EventStatus> UntilTakenAsync(TestNode node, int play)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var status = Assert.Single(await node.RecordAsync(Play(play)));
            if (status != EventStatus.Unavailable)
                return status;
            await Task.Delay(50, limit.Token);
        }
    }
}
