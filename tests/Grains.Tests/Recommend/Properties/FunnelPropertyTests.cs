using System.Text;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Events;

namespace KgOrleans.Grains.Tests.Recommend.Properties;

/// <summary>
/// What every page promises, over random catalogues, users, histories and scenes, on real nodes with the demo bundle. Everything follows from the seed and
/// the time of the run; a failure names scene and question.
/// </summary>
[Trait("Suite", "Cluster")]
public sealed class FunnelPropertyTests
{
    private const int Scenes = 28;
    private const int QuestionsPerScene = 3;
    private const int PagesPerChain = 3;
    private static readonly int[] ShardCounts = [8, 1, 3, 16];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Pages_keep_every_promise_and_are_the_same_on_any_number_of_shards(int seed)
    {
        var random = new Random(seed);
        var world = new RandomWorld(seed);
        var nodes = await Task.WhenAll(ShardCounts.Select(shards => StartAsync(world, shards)));
        try
        {
            var scenes = Enumerable.Range(0, Scenes).Select(i => new RandomScene($"scene{i}", world, random)).ToArray();
            await Task.WhenAll(nodes.Select(node => PutAsync(node, scenes)));
            // All as of one time, when everything is counted: popularity goes by the minute.
            var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            var (items, weighed, relaxed) = (0, 0, 0);
            foreach (var scene in scenes)
            {
                for (var i = 0; i < QuestionsPerScene; i++)
                {
                    var question = Ask(world, random, now);
                    var chains = await Task.WhenAll(nodes.Select(node => FollowAsync(node, scene, question)));
                    try
                    {
                        new ServedChain(world, scene, question, chains[0]).AssertHolds();
                        for (var n = 1; n < chains.Length; n++)
                            AssertEqual(chains[0], chains[n], $"on {ShardCounts[n]} shards");
                        if (i == 0)
                            AssertEqual(chains[0], await FollowAsync(nodes[0], scene, question), "asked again");
                    }
                    catch (Exception e) when (e is Xunit.Sdk.IAssertionException)
                    {
                        Assert.Fail(
                            $"seed {seed}, {JsonSerializer.Serialize(question with { Filter = null })}, filter {question.Filter?.Json}, "
                            + $"scene {JsonSerializer.Serialize(scene.Document, KgJson.Options)}: {e.Message}");
                    }
                    items += chains[0].Sum(p => p.Items.Length);
                    weighed += chains[0].Sum(p => p.Items.Count(w => w.Placement is not null));
                    relaxed += chains[0].Sum(p => p.Funnel!.RelaxedRules.Count);
                }
            }
            // Random scenes could be so strict that nothing is served, or so lax that no rule has anything to do.
            Assert.True(items > 5 * Scenes * QuestionsPerScene, $"{items} items only");
            Assert.True(weighed > items / 20, $"rules placed {weighed} of {items} items");
            TestContext.Current.TestOutputHelper?.WriteLine($"{items} items, {weighed} placed by rules, {relaxed} reports of rules that gave way");
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private static async Task<TestNode> StartAsync(RandomWorld world, int shards)
    {
        var node = await TestNode.StartAsync(shards: shards, settings: TestNode.WithModel());
        await node.PutAsync(world.Items);
        foreach (var user in world.Users)
            await node.PutUserAsync(user);
        // One partition of the event log after the other: what a full list of neighbours keeps depends on the order in which partitions are counted.
        var log = node.Service<EventLog>();
        foreach (var partition in world.Events.GroupBy(e => log.PartitionOf(Key64.Of(e.UserId))).OrderBy(p => p.Key))
        {
            foreach (var events in partition.GroupBy(e => e.UserId))
                Assert.All(await node.RecordAsync([.. events]), s => Assert.Equal(EventStatus.Accepted, s));
            await node.CountedAsync();
        }
        var counted = world.Events.Count(e => e.Type is EventType.Impression or EventType.Play or EventType.Like);
        await node.CountedAsync(counted, c => c.Impressions + c.Plays + c.Likes);
        foreach (var id in world.Deleted)
            await node.WriteAsync(WriteOperation.Delete, id);
        return node;
    }

    private static async Task PutAsync(TestNode node, RandomScene[] scenes)
    {
        foreach (var scene in scenes)
        {
            var written = await node.Grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key).Write(
                new SceneCommand { Scene = scene.Document.Scene, Json = JsonSerializer.SerializeToUtf8Bytes(scene.Document, KgJson.Options) }, default);
            Assert.True(written.Status == WriteStatus.Created, string.Join("; ", written.Errors.Select(e => $"{e.Field} {e.Message}")));
        }
    }

    private static Question Ask(RandomWorld world, Random random, DateTimeOffset now) => new(
        world.UserIds[random.Next(world.UserIds.Length)], now, random.Next(1, 16), random.Next(4) == 0 ? TestFilter.Random(random) : null,
        random.Next(4) == 0 ? [.. Enumerable.Range(0, 100).Select(_ => $"w{random.Next(world.Items.Length)}")] : [], random.Next());

    private static async Task<List<RecommendAnswer>> FollowAsync(TestNode node, RandomScene scene, Question question)
    {
        var pages = new List<RecommendAnswer>();
        byte[]? state = null;
        do
        {
            var reply = await node.RecommendAsync(question.UserId, c => c with
            {
                Scene = scene.Document.Scene,
                Now = question.Now.ToUnixTimeMilliseconds(),
                PageSize = question.PageSize,
                PageState = state,
                Seed = question.Seed,
                Exclude = question.Exclude,
                Filter = question.Filter is { } filter ? Encoding.UTF8.GetBytes(filter.Json.GetRawText()) : null,
            });
            Assert.True(reply.Status == RecommendStatus.Ok, $"{reply.Status} {reply.Detail}");
            pages.Add(reply.Answer!);
            state = reply.NextPage;
        }
        while (state is not null && pages.Count < PagesPerChain);
        return pages;
    }

    private static void AssertEqual(List<RecommendAnswer> expected, List<RecommendAnswer> actual, string how)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var page = 0; page < expected.Count; page++)
            Assert.True(Said(expected[page]) == Said(actual[page]), $"page {page} {how}:\n{Said(expected[page])}\n{Said(actual[page])}");
    }

    private static string Said(RecommendAnswer page) => JsonSerializer.Serialize(new
    {
        page.Items,
        page.Degraded,
        page.Funnel!.Channels,
        page.Funnel.Dropped,
        Relaxed = page.Funnel.RelaxedRules.OrderBy(r => r.Key, StringComparer.Ordinal),
    });
}
