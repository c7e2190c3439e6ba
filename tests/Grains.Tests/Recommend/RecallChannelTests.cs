using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>Recall channels through a real silo: what the user did and who they know decides what is found.</summary>
[Trait("Suite", "Cluster")]
public sealed class RecallChannelTests
{
    [Fact]
    public async Task Items_of_follows_friends_communities_and_regions_name_the_channels_that_found_them()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(200, creators: 40, songs: 40));
        await node.PutAsync(
            Item("followed", "star"),
            Item("friend", "pal"),
            Item("club", "c-x") with { CommunityIds = ["choir"] },
            Item("near", "c-y") with { Region = "GD" },
            Item("elsewhere", "c-z") with { Region = "BJ" });
        await node.PutUserAsync(new UserDocument { UserId = "u1", Region = "GD", Follows = ["star"], Friends = ["pal"], CommunityIds = ["choir"] });
        var page = await node.PageAsync("u1", c => c with { PageSize = 100 });
        var found = page.Items.ToDictionary(i => i.ItemId);
        Assert.All((string[])["followed", "friend", "club"], id => Assert.Contains("social", found[id].Channels));
        Assert.Contains("region", found["near"].Channels);
        Assert.True(found["friend"].Scores.Recall["social"] > found["followed"].Scores.Recall["social"]);
        Assert.All(page.Items, i => Assert.NotNull(i.Scores.PreRank));
        Assert.Equal(3, page.Funnel!.Channels["social"]);

        // The city that a request names stands in for the region of the profile.
        var away = await node.PageAsync("u1", c => c with { PageSize = 100, Context = new ServingContext { City = "BJ" } });
        Assert.Equal(["elsewhere"], away.Items.Where(i => i.Channels.Contains("region")).Select(i => i.ItemId));
    }

    [Fact]
    public async Task What_was_just_played_brings_more_of_its_song_creator_and_tags()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(100));
        await node.PutAsync(
            Item("played", "c-a") with { SongId = "song-a" },
            Item("cover", "c-b") with { SongId = "song-a" },
            Item("named", "c-c") with { SongId = "song-b" });
        await node.PutUserAsync(new UserDocument { UserId = "u1" });
        await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "played", Type = EventType.Play, Value = 1 });
        Assert.Contains("cover", Continued(await node.PageAsync("u1", c => c with { PageSize = 100 })));
        Assert.Contains("named", Continued(await node.PageAsync("u1", c => c with { PageSize = 100, Context = new ServingContext { SongId = "song-b" } })));

        static IEnumerable<string> Continued(RecommendAnswer page) => page.Items.Where(i => i.Channels.Contains("continue")).Select(i => i.ItemId);
    }

    [Fact]
    public async Task Exposure_is_owed_delivered_by_events_and_told()
    {
        await using var node = await TestNode.StartAsync(shards: 1);
        var now = DateTimeOffset.UtcNow;
        await node.PutAsync(
            Item("new", "c1") with { PublishedAt = now.AddDays(-1), Quality = 0.9 },
            Item("poor", "c2") with { PublishedAt = now.AddDays(-1), Quality = 0.1 },
            Item("old", "c3") with { PublishedAt = now.AddDays(-30) });
        var shard = node.Grains.GetGrain<IItemShardGrain>(0);
        var owed = new DiscoverySettings { ColdStart = new ColdStartSettings { Impressions = 2, Days = 14, MinQuality = 0.3 }, AgeWindowDays = 36_500 };
        Assert.Equal((1, 2, 0), Sum(await shard.GetExposure(Query(null))));
        Assert.Equal((1, 2, 0), Sum(await shard.GetExposure(Query("new"))));
        Assert.Equal((0, 0, 0), Sum(await shard.GetExposure(Query("poor"))));
        Assert.False((await shard.GetExposure(Query("nobody"))).IsKnown);
        Assert.Equal(["new"], await FreshAsync());

        foreach (var (user, expected) in ((string, int)[])[("u1", 1), ("u2", 2)])
        {
            await node.PutUserAsync(new UserDocument { UserId = user });
            await node.RecordAsync(new UserEvent { UserId = user, ItemId = "new", Type = EventType.Impression });
            // The counters follow the log within two seconds.
            for (var patience = 0; (await shard.GetExposure(Query("new"))).Delivered != expected && patience < 200; patience++)
                await Task.Delay(50, TestContext.Current.CancellationToken);
            Assert.Equal(expected, (await shard.GetExposure(Query("new"))).Delivered);
        }
        Assert.Equal((1, 2, 2), Sum(await shard.GetExposure(Query(null))));
        Assert.Empty(await FreshAsync());

        ExposureQuery Query(string? itemId) =>
            new(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), SceneOf(owed, """{"field":"kind","in":["audio"]}"""), itemId);

        async Task<string[]> FreshAsync()
        {
            var time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            var reply = await shard.Recall(new RecallQuery { Now = time, ScoreTime = time, Quotas = [0, 0, 0, 0, 10], Scene = SceneOf(owed) }, default);
            var ids = new[] { "new", "poor", "old" }.ToDictionary(id => Key64.Of(id));
            return [.. MemoryMarshal.Cast<byte, RecallCandidate>(reply.Candidates).ToArray().Select(c => ids[c.Key])];
        }

        static (long, long, long) Sum(ExposureReply reply) => (reply.Items, reply.Owed, reply.Delivered);
    }

    [Fact]
    public async Task A_scenes_admission_is_counted_apart_from_the_requests_filter()
    {
        await using var node = await TestNode.StartAsync(shards: 1);
        await node.PutAsync(Item("a", "c1"), Item("b", "c2") with { Kind = ItemKind.Video }, Item("c", "c3") with { Quality = 0.1 });
        var reply = await node.Grains.GetGrain<IItemShardGrain>(0).Recall(
            new RecallQuery
            {
                Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
                Quotas = [0, 0, 10],
                Scene = SceneOf(new DiscoverySettings(), """{"field":"kind","in":["audio"]}"""),
                Filter = """{"field":"quality","gte":0.5}"""u8.ToArray(),
            },
            default);
        var counts = MemoryMarshal.Read<EligibilityCounts>(reply.Counts);
        Assert.Equal((3, 1, 1, 1), (counts.Live, counts.Admission, counts.Filtered, counts.Eligible));
    }

    private static byte[] SceneOf(DiscoverySettings discovery, string? admission = null) =>
        new RecallScene(discovery, new RecallSettings(), new PreRankCalibration(), admission is null ? null : JsonElement.Parse(admission)).ToUtf8();

    private static ItemDocument Item(string id, string creator) =>
        new() { ItemId = id, CreatorId = creator, Kind = ItemKind.Audio, Quality = 0.8, PublishedAt = DateTimeOffset.UtcNow.AddHours(-1) };
}
