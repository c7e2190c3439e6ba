using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Inference;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;
using KgOrleans.TestSupport.Onnx;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>A node whose bundle has a recall head: the model channel retrieves by the head, pre-ranking scores by the towers.</summary>
[Trait("Suite", "Cluster")]
public sealed class RecallHeadTests
{
    private const int Dimension = 20;
    private const int Quota = 20;

    // Whoever is compiled for the first time on a busy machine is no less right.
    private static readonly SceneDocument Feed = new()
    {
        Scene = "heads",
        Recall = new RecallSettings
        {
            Model = Patient(Quota),
            Index = Patient(800),
            Hot = new() { Quota = 300, TimeoutMs = 10_000 },
            Social = Patient(300),
            Fresh = Patient(200),
            Region = Patient(100),
            Continue = Patient(100),
        },
    };

    private static readonly UserDocument User = new() { UserId = "u1", Region = "GD", Follows = ["c1", "c2"] };
    private readonly ItemDocument[] _items = SampleCatalogue.Items(80, creators: 40, songs: 40);
    private readonly long _now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    public async Task The_model_channel_follows_the_recall_head_and_pre_ranking_the_towers()
    {
        using var copy = WithHead();
        await using var node = await StartAsync(copy);
        await FillAsync(node);
        var page = await PageAsync(node);
        Assert.Empty(page.Degraded);
        Assert.Equal(Quota, page.Funnel!.Channels["model"]);

        var (recall, towers) = await ExpectedAsync(node);
        var best = recall.OrderByDescending(r => r.Value).Take(Quota).Select(r => r.Key).ToArray();
        Assert.NotEqual(towers.OrderByDescending(r => r.Value).Take(Quota).Select(r => r.Key).Order(), best.Order());
        Assert.Equal(_items.Length, page.Items.Length);
        Assert.Equal(best, page.Items.Where(i => i.Channels.Contains("model")).OrderByDescending(i => i.Scores.Recall["model"]).Select(i => i.ItemId));
        Assert.All(page.Items, i =>
        {
            Assert.Equal(towers[i.ItemId], i.Scores.PreRank!.Value, 1e-3);
            if (i.Channels.Contains("model"))
                Assert.Equal(recall[i.ItemId], i.Scores.Recall["model"], 1e-3);
        });
    }

    [Fact]
    public async Task Answers_are_equal_on_one_and_eight_shards_after_updates_and_after_a_restart()
    {
        using var copy = WithHead();
        var data = TestNode.NewData();
        try
        {
            RecommendAnswer eight;
            await using (var node = await StartAsync(copy, data: data))
            {
                await FillAsync(node);
                eight = await PageAsync(node);
            }
            Assert.Equal(Quota, eight.Funnel!.Channels["model"]);
            await using (var again = await StartAsync(copy, data: data))
            {
                // Facts wait until the shard is loaded.
                foreach (var shard in Enumerable.Range(0, again.ShardCount))
                    Assert.False((await again.Grains.GetGrain<IItemShardGrain>(shard).GetFacts([], default)).Warming);
                AssertSame(eight, await PageAsync(again));
            }
            await using var one = await StartAsync(copy, shards: 1);
            await FillAsync(one);
            AssertSame(eight, await PageAsync(one));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_head_that_fails_for_a_user_silences_the_model_channel_alone_and_the_answer_says_so()
    {
        using var copy = WithHead().Set("recall_user.onnx", "recallUser", RankerGraphs.BrokenRecallUser(Dimension), "user_dense");
        await using var node = await StartAsync(copy);
        await FillAsync(node);
        var page = await PageAsync(node);
        Assert.Equal([("recall", "userTowerFailed")], page.Degraded.Select(d => (d.Stage, d.Reason)));
        Assert.DoesNotContain(page.Items, i => i.Channels.Contains("model"));
        Assert.NotEmpty(page.Items);
        Assert.All(page.Items, i => Assert.True(i.Scores is { PreRank: not null, FineRank: not null }));
    }

    private static ChannelSettings Patient(int quota) => new() { Quota = quota, TimeoutMs = 10_000 };

    private static BundleCopy WithHead() => new BundleCopy()
        .Set("recall_user.onnx", "recallUser", RankerGraphs.RecallSide(user: true, Dimension), "user_dense")
        .Set("recall_item.onnx", "recallItem", RankerGraphs.RecallSide(user: false, Dimension), "item_dense")
        .Edit(m => m["recallDimension"] = Dimension);

    private static Task<TestNode> StartAsync(BundleCopy bundle, int shards = 8, string? data = null) =>
        TestNode.StartAsync(data, shards, new Dictionary<string, string?>(TestNode.WithModel()) { ["Kg:Model:Path"] = bundle.Folder });

    // Half of the items have another item's document first.
    private async Task FillAsync(TestNode node)
    {
        await node.PutAsync([.. _items.Take(40).Select((item, i) => _items[79 - i] with { ItemId = item.ItemId })]);
        await node.PutAsync(_items);
        await node.PutUserAsync(User);
        Assert.Equal(WriteStatus.Created, (await node.PutSceneAsync(Feed)).Status);
    }

    private Task<RecommendAnswer> PageAsync(TestNode node) => node.PageAsync("u1", c => c with { Scene = "heads", PageSize = 100, Now = _now });

    private async Task<(Dictionary<string, double> Recall, Dictionary<string, double> Towers)> ExpectedAsync(TestNode node)
    {
        var (bundle, world) = (node.Service<ModelHost>().Bundle!, node.Service<CatalogueWorld>());
        var user = await node.Grains.GetGrain<IUserGrain>("u1").GetSnapshot(new UserQuery(_now, 0, 0, 0, bundle.SpaceId), default);
        var recallVector = bundle.RecallUser!.Compute(user.Snapshot, _now - (_now % 60_000));
        Assert.Equal(recallVector, MemoryMarshal.Cast<byte, float>(user.RecallVector).ToArray());
        var towersVector = new float[bundle.EmbeddingDimension];
        ScenePreRank.Fuse(bundle.UserTower.Compute(user.Snapshot, _now - (_now % 60_000)), bundle.Objectives, Feed.PreRank.Weights, towersVector);
        var block = ItemColumns.Block([.. _items.Select(world.Normalise)], world.ContentDimension, bundle.EmbeddingDimension);
        bundle.ItemTower.Compute(block, block.Embeddings);
        var heads = new float[_items.Length * Dimension];
        bundle.RecallItem!.Compute(block, heads);
        var rows = Enumerable.Range(0, _items.Length).ToArray();
        return (
            rows.ToDictionary(i => _items[i].ItemId, i => (double)DotProduct.Single(recallVector, heads.AsSpan(i * Dimension, Dimension))),
            rows.ToDictionary(i => _items[i].ItemId, i => (double)DotProduct.Single(towersVector, block.EmbeddingOf(i))));
    }

    private static void AssertSame(RecommendAnswer expected, RecommendAnswer actual)
    {
        Assert.Empty(expected.Degraded.Concat(actual.Degraded));
        Assert.Equal(expected.Items.Select(i => i.ItemId), actual.Items.Select(i => i.ItemId));
        foreach (var (e, a) in expected.Items.Zip(actual.Items))
        {
            Assert.Equal(e.Channels, a.Channels);
            Assert.Equal(e.Scores.Recall, a.Scores.Recall);
            Assert.Equal(e.Scores.PreRank, a.Scores.PreRank);
        }
    }
}
