using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Scenes;

[Trait("Suite", "Cluster")]
public sealed class SceneServingTests
{
    [Fact]
    public async Task A_changed_scene_changes_the_next_page()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(200).ToDictionary(i => i.ItemId);
        await node.PutAsync([.. items.Values]);
        var before = await node.PageAsync("u1");
        Assert.Equal(1, before.SceneVersion);
        Assert.Contains(before.Items, i => items[i.ItemId].Kind != ItemKind.Video);

        var feed = BuiltInScenes.All["feed"];
        await node.PutSceneAsync(feed with { Discovery = feed.Discovery with { Kinds = [ItemKind.Video] } });

        var after = await node.PageAsync("u1");
        Assert.Equal(2, after.SceneVersion);
        Assert.All(after.Items, i => Assert.Equal(ItemKind.Video, items[i.ItemId].Kind));

        await node.WriteSceneAsync(new SceneCommand { Operation = SceneOperation.Restore, Scene = "feed", Version = 1 });
        var restored = await node.PageAsync("u1");
        Assert.Equal(before.Items.Select(i => i.ItemId), restored.Items.Select(i => i.ItemId));
    }

    [Fact]
    public async Task A_scene_is_there_from_its_first_write_to_its_deletion()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(20));
        Assert.Equal(RecommendStatus.UnknownScene, (await node.RecommendAsync("u1", c => c with { Scene = "kids" })).Status);
        await node.PutSceneAsync(new SceneDocument { Scene = "kids" });
        Assert.NotEmpty((await node.PageAsync("u1", c => c with { Scene = "kids" })).Items);
        await node.WriteSceneAsync(new SceneCommand { Operation = SceneOperation.Delete, Scene = "kids" });
        Assert.Equal(RecommendStatus.UnknownScene, (await node.RecommendAsync("u1", c => c with { Scene = "kids" })).Status);
    }

    [Fact]
    public async Task Context_that_the_scene_does_not_declare_is_refused_until_it_does()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(20));
        await node.PutSceneAsync(BuiltInScenes.All["feed"] with { ContextKeys = ["hour"] });
        RecommendCommand AtNine(RecommendCommand c) => c with { Context = new ServingContext { City = "GD", Hour = 9 } };

        var refused = await node.RecommendAsync("u1", AtNine);
        Assert.Equal((RecommendStatus.Invalid, "context.city"), (refused.Status, Assert.Single(refused.Errors).Field));

        await node.PutSceneAsync(BuiltInScenes.All["feed"] with { ContextKeys = ["city", "hour"] });
        Assert.Equal(RecommendStatus.Ok, (await node.RecommendAsync("u1", AtNine)).Status);
    }

    [Theory]
    [InlineData("feed", "audio,video,live")]
    [InlineData("follow", "audio,video,live")]
    [InlineData("nearby", "audio,video,live")]
    [InlineData("live", "live")]
    [InlineData("room", "room")]
    [InlineData("song", "song")]
    [InlineData("people", "user")]
    [InlineData("reviewable", "audio,video")]
    public async Task A_built_in_scene_fills_pages_with_what_it_admits_and_nothing_else(string scene, string kinds)
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(360, creators: 60, songs: 60)
            .Select((item, i) => item with { Kind = (ItemKind)(i % 6), Region = i % 2 == 0 ? "GD" : "SH" }).ToDictionary(i => i.ItemId);
        await node.PutAsync([.. items.Values]);
        await node.PutUserAsync(new UserDocument
        {
            UserId = "u1",
            Region = "GD",
            Follows = ["c1", "c2", "c3"],
            Interests = new() { Tags = new Dictionary<string, double> { ["rock"] = 1, ["folk"] = 1 } },
        });

        var shown = new List<ItemDocument>();
        byte[]? state = null;
        do
        {
            var reply = await node.RecommendAsync("u1", c => c with { Scene = scene, PageState = state });
            Assert.Equal(RecommendStatus.Ok, reply.Status);
            shown.AddRange(reply.Answer!.Items.Select(i => items[i.ItemId]));
            state = reply.NextPage;
        }
        while (state is not null);

        var document = BuiltInScenes.All[scene];
        var oldest = DateTimeOffset.UtcNow.AddDays(-document.Discovery.AgeWindowDays).AddMinutes(-5);
        Assert.Equal(kinds.Split(',').Order(), shown.Select(i => i.Kind.ToString().ToLowerInvariant()).Distinct().Order());
        Assert.True(shown.Count >= 40, $"{shown.Count} items only");
        Assert.All(shown, i => Assert.True(i.Quality >= document.Discovery.MinQuality && i.PublishedAt >= oldest));
        Assert.Equal(shown.Count, shown.Select(i => i.ItemId).Distinct().Count());
    }
}
