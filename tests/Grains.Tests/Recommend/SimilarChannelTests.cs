using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>The similar channel through a real silo: users of two styles, and what a stranger's first likes bring.</summary>
[Trait("Suite", "Cluster")]
public sealed class SimilarChannelTests
{
    private const int PerStyle = 12;
    private const int Fans = 8;

    // Whoever is compiled for the first time on a busy machine is no less right.
    private static readonly SceneDocument Feed = new()
    {
        Scene = "alone",
        Discovery = new DiscoverySettings { ExcludeInteracted = [EventType.Like, EventType.Dislike] },
        Recall = Only(new ChannelSettings { Quota = 100, TimeoutMs = 10_000 }),
    };

    [Fact]
    public async Task Five_likes_of_one_style_move_the_next_page_to_its_neighbours_and_say_why()
    {
        await using var node = await TestNode.StartAsync();
        await FillAsync(node);
        await node.RecordAsync(Like("new", "rock-0"));
        await node.RecordAsync([.. Enumerable.Range(0, 5).Select(i => Like("new", $"jazz-{i}"))]);
        var page = await PageAsync(node);
        Assert.DoesNotContain(page.Degraded, d => d.Stage == "recall" && d.Reason != "noModel");
        var shards = await Task.WhenAll(Enumerable.Range(0, node.ShardCount).Select(s => node.Grains.GetGrain<IItemShardGrain>(s).GetState()));
        Assert.All(shards.Where(s => s.Items > 0), s => Assert.True(s.NeighbourBytes > 0));
        var ranked = page.Items.OrderByDescending(i => i.Scores.Recall["similar"]).Select(i => i.ItemId).ToArray();
        Assert.Equal(PerStyle - 5, ranked.TakeWhile(id => id.StartsWith("jazz", StringComparison.Ordinal)).Count());
        Assert.Contains("rock-1", ranked);
        Assert.All(page.Items.Where(i => i.ItemId.StartsWith("jazz", StringComparison.Ordinal)), i =>
            Assert.All(i.Reasons.Where(r => r.StartsWith("similar:", StringComparison.Ordinal)), r => Assert.StartsWith("similar:jazz-", r)));
        Assert.All(page.Items, i => Assert.InRange(i.Reasons.Count(r => r.StartsWith("similar:", StringComparison.Ordinal)), 1, 2));
    }

    [Fact]
    public async Task What_is_disliked_takes_its_neighbours_along()
    {
        await using var node = await TestNode.StartAsync();
        await FillAsync(node);
        await node.RecordAsync(Like("new", "rock-0"), Like("new", "jazz-0"));
        Assert.Contains((await PageAsync(node)).Items, i => i.ItemId.StartsWith("jazz", StringComparison.Ordinal));
        await node.RecordAsync(new UserEvent { UserId = "new", ItemId = "jazz-1", Type = EventType.Dislike });
        var page = await PageAsync(node);
        Assert.NotEmpty(page.Items);
        Assert.All(page.Items, i => Assert.StartsWith("rock", i.ItemId));
    }

    [Fact]
    public async Task Answers_are_equal_on_one_and_eight_shards_and_after_a_restart()
    {
        var data = TestNode.NewData();
        try
        {
            (string, double)[] eight;
            await using (var node = await TestNode.StartAsync(data))
            {
                await FillAsync(node);
                await node.RecordAsync(Like("new", "jazz-0"), Like("new", "rock-3"));
                await PairedAsync(node, 2);
                eight = Scores(await PageAsync(node));
            }
            Assert.Equal(2 * (PerStyle - 1), eight.Length);
            await using (var again = await TestNode.StartAsync(data))
            {
                await again.WarmAsync();
                await PairedAsync(again, 2);
                Assert.Equal(eight, Scores(await PageAsync(again)));
            }
            await using var one = await TestNode.StartAsync(shards: 1);
            await FillAsync(one);
            await one.RecordAsync(Like("new", "jazz-0"), Like("new", "rock-3"));
            await PairedAsync(one, 2);
            Assert.Equal(eight, Scores(await PageAsync(one)));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        static (string, double)[] Scores(RecommendAnswer page) =>
            [.. page.Items.Select(i => (i.ItemId, i.Scores.Recall["similar"])).OrderBy(i => i.ItemId, StringComparer.Ordinal)];
    }

    private static RecallSettings Only(ChannelSettings similar)
    {
        var off = new ChannelSettings { Quota = 0 };
        return new RecallSettings
        {
            Model = off,
            Index = off,
            Hot = new HotSettings { Quota = 0 },
            Social = off,
            Fresh = off,
            Region = off,
            Continue = off,
            Similar = similar,
        };
    }

    // Each style has fans of its own, who like all of it; one user likes an item of either.
    private static async Task FillAsync(TestNode node)
    {
        string[] styles = ["jazz", "rock"];
        await node.PutAsync([.. styles.SelectMany(s => Enumerable.Range(0, PerStyle).Select(i => new ItemDocument { ItemId = $"{s}-{i}", CreatorId = $"{s}-{i}" }))]);
        foreach (var style in styles)
        {
            for (var fan = 0; fan < Fans; fan++)
                await node.RecordAsync([.. Enumerable.Range(0, PerStyle).Select(i => Like($"{style}-fan-{fan}", $"{style}-{i}"))]);
        }
        await node.PutSceneAsync(Feed);
        await PairedAsync(node, 0);
    }

    // Waits until the shards have all pairs of the fans, and those of one more user's likes.
    private static async Task PairedAsync(TestNode node, int more)
    {
        var expected = (2 * Fans * WeightOf(PerStyle)) + WeightOf(more);
        var keys = new[] { "jazz", "rock" }.SelectMany(s => Enumerable.Range(0, PerStyle).Select(i => Key64.Of($"{s}-{i}"))).ToArray();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (var found = -1.0; Math.Abs(found - expected) > 0.5; await Task.Delay(20, limit.Token))
        {
            Assert.True(found < expected, $"pairs of weight {found}, {expected} are right");
            found = 0;
            for (var shard = 0; shard < node.ShardCount; shard++)
            {
                using var view = node.Service<PartitionHost>().Get(shard).AcquireOnce();
                ulong[] own = [.. keys.Where(k => Key64.Shard(k, node.ShardCount) == shard)];
                var reply = await node.Grains.GetGrain<IItemShardGrain>(shard).GetNeighbours(Key64.ToBytes(Array.ConvertAll(own, PartialKey.Of)), default);
                foreach (var entry in MemoryMarshal.Cast<byte, SimilarEntry>(reply).ToArray())
                    found += entry.Key == PartialKey.Of(own[entry.Source]) ? 0 : entry.Weight;
            }
        }

        static int WeightOf(int likes) => Enumerable.Range(0, likes).Sum(k => 2 * k * ItemPairs.WeightOf(k));
    }

    private static Task<RecommendAnswer> PageAsync(TestNode node) => node.PageAsync("new", c => c with { Scene = Feed.Scene, PageSize = 100, TimeoutMs = 20_000 });

    private static UserEvent Like(string user, string item) => new() { UserId = user, ItemId = item, Type = EventType.Like };
}
