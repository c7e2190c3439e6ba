using System.Text;
using System.Text.Json.Nodes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Tests.Shards;

[Trait("Suite", "Cluster")]
public sealed class ItemWriteTests
{
    [Fact]
    public async Task Versions_statuses_and_documents_follow_the_writes()
    {
        await using var node = await TestNode.StartAsync(shards: 2);
        var created = Assert.Single(await node.PutAsync(Item("w1")));
        Assert.Equal(WriteStatus.Created, created.Status);
        var updated = Assert.Single(await node.PutAsync(Item("w1") with { Title = "again" }));
        Assert.Equal(WriteStatus.Updated, updated.Status);
        Assert.NotEqual(created.Version, updated.Version);

        Assert.Equal(WriteStatus.VersionMismatch, (await node.WriteAsync(WriteOperation.Patch, "w1", """{"title":"x"}""", created.Version)).Status);
        var patched = await node.WriteAsync(WriteOperation.Patch, "w1", """{"title":null,"tags":["folk"],"features":{"a":1}}""", updated.Version);
        Assert.Equal(WriteStatus.Updated, patched.Status);
        var stored = await GetAsync(node, "w1");
        Assert.Equal(patched.Version, stored!.Version);
        var json = JsonNode.Parse(stored.Json)!;
        Assert.Null(json["title"]);
        Assert.Equal("folk", (string?)json["tags"]![0]);
        Assert.Equal("c1", (string?)json["creatorId"]);

        Assert.Equal(WriteStatus.VersionMismatch, (await node.WriteAsync(WriteOperation.Delete, "w1", ifMatch: updated.Version)).Status);
        Assert.Equal(WriteStatus.Updated, (await node.WriteAsync(WriteOperation.Delete, "w1")).Status);
        Assert.Null(await GetAsync(node, "w1"));
        Assert.Equal(WriteStatus.NotFound, (await node.WriteAsync(WriteOperation.Delete, "w1")).Status);
        Assert.Equal(WriteStatus.NotFound, (await node.WriteAsync(WriteOperation.Patch, "w1", "{}")).Status);
        Assert.Equal(WriteStatus.VersionMismatch, (await node.WriteAsync(WriteOperation.Put, "w1", """{"creatorId":"c1"}""", ifMatch: 7)).Status);
    }

    [Fact]
    public async Task Writes_of_one_item_in_one_batch_apply_in_order()
    {
        await using var node = await TestNode.StartAsync(shards: 1);
        ItemWrite[] writes =
        [
            Write(WriteOperation.Put, """{"creatorId":"c1","title":"one"}"""),
            Write(WriteOperation.Patch, """{"title":"two"}"""),
            Write(WriteOperation.Delete, ""),
            Write(WriteOperation.Patch, """{"title":"gone"}"""),
            Write(WriteOperation.Put, """{"creatorId":"c2"}"""),
            Write(WriteOperation.Patch, """{"title":"three"}"""),
        ];
        var reply = await node.Grains.GetGrain<IItemShardGrain>(0).Write(new ItemWrites(writes), default);
        Assert.Equal(
            [WriteStatus.Created, WriteStatus.Updated, WriteStatus.Updated, WriteStatus.NotFound, WriteStatus.Created, WriteStatus.Updated],
            reply.Results.Select(r => r.Status));
        var json = JsonNode.Parse((await GetAsync(node, "w"))!.Json)!;
        Assert.Equal(("c2", "three"), ((string?)json["creatorId"], (string?)json["title"]));

        static ItemWrite Write(WriteOperation operation, string json) => new(operation, "w", Encoding.UTF8.GetBytes(json), null);
    }

    [Theory]
    [InlineData("""{"creatorId":"c1","quality":2}""", "quality")]
    [InlineData("""{"creatorId":"c 1"}""", "creatorId")]
    [InlineData("""{"creatorId":"c1","publishedAt":"0001-01-01T00:00:00Z"}""", "publishedAt")]
    [InlineData("""{"creatorId":"c1","vectors":{"content":[1,2,3]}}""", "vectors.content")]
    [InlineData("""{"creatorId":"c1","unknown":1}""", "unknown")]
    [InlineData("""{"creatorId":"c1","kind":"opera"}""", "kind")]
    [InlineData("""{"creatorId":"c1","quality":NaN}""", "quality")]
    [InlineData("""[1""", "$")]
    public async Task An_invalid_document_is_refused_by_field_and_changes_nothing(string json, string field)
    {
        await using var node = await TestNode.StartAsync(shards: 1);
        await node.PutAsync(Item("w1"));
        var before = await GetAsync(node, "w1");
        var result = await node.WriteAsync(WriteOperation.Put, "w1", json);
        Assert.Equal(WriteStatus.Invalid, result.Status);
        Assert.Contains(result.Errors, e => e.Field.StartsWith(field, StringComparison.Ordinal));
        Assert.Equal(before!.Version, (await GetAsync(node, "w1"))!.Version);
        Assert.Equal(before.Json, (await GetAsync(node, "w1"))!.Json);
    }

    [Fact]
    public async Task An_id_of_another_world_is_not_taken_over()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(Item("w1"));
        var result = await node.WriteAsync(WriteOperation.Put, "w1", """{"creatorId":"c1","worldId":"other"}""");
        Assert.Equal((WriteStatus.Conflict, "otherWorld"), (result.Status, result.Errors[0].Code));
    }

    [Fact]
    public async Task Concurrent_writers_lose_nothing_and_a_restart_finds_the_same_versions()
    {
        var data = TestNode.NewData();
        try
        {
            var versions = new Dictionary<string, long>();
            await using (var node = await TestNode.StartAsync(data, shards: 4))
            {
                var writers = Enumerable.Range(0, 16).Select(async w =>
                {
                    var mine = new Dictionary<string, long>();
                    for (var i = 0; i < 20; i++)
                    {
                        // Every writer has items of its own and rewrites each once.
                        var id = $"w{w}-{i / 2}";
                        mine[id] = (await node.PutAsync(Item(id) with { Title = $"{i}" })).Single().Version;
                    }
                    return mine;
                });
                foreach (var (id, version) in (await Task.WhenAll(writers)).SelectMany(m => m))
                    versions.Add(id, version);
            }
            await using (var node = await TestNode.StartAsync(data, shards: 4))
            {
                await node.WarmAsync();
                foreach (var (id, version) in versions)
                    Assert.Equal(version, (await GetAsync(node, id))!.Version);
                var views = await Task.WhenAll(Enumerable.Range(0, 4).Select(s => node.Grains.GetGrain<IItemShardGrain>(s).GetState()));
                Assert.Equal(160, views.Sum(v => v.Items));
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Writes_that_are_larger_together_than_one_append_are_all_kept()
    {
        await using var node = await TestNode.StartAsync(shards: 1);
        var vectors = Enumerable.Range(0, 4).ToDictionary(i => $"v{i}", i => Enumerable.Repeat(0.1234567f + i, 1024).ToArray());
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(call =>
            node.PutAsync([.. Enumerable.Range(0, 60).Select(i => Item($"w{call}-{i}") with { Vectors = vectors })])));
        Assert.All(results.SelectMany(r => r), r => Assert.Equal(WriteStatus.Created, r.Status));
        var state = await node.Grains.GetGrain<IItemShardGrain>(0).GetState();
        Assert.Equal((480, null), (state.Items, state.Failure));
        Assert.True(state.LogPosition > 16 << 20, "the writes fit one append, so that this test shows nothing");
    }

    private static ItemDocument Item(string id) => new() { ItemId = id, CreatorId = "c1", Title = "first" };

    private static Task<ItemReply?> GetAsync(TestNode node, string id) =>
        node.Grains.GetGrain<IItemShardGrain>(Key64.Shard(Key64.Of(id), node.ShardCount)).GetItem(id, default);
}
