using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Scenes;

/// <summary>Whom and what a scene leaves out for what the user has done.</summary>
[Trait("Suite", "Cluster")]
public sealed class SceneExclusionTests
{
    private static readonly ItemDocument[] People =
        [.. Enumerable.Range(0, 8).Select(i => new ItemDocument { ItemId = $"p{i}", CreatorId = $"c{i}", Kind = ItemKind.User, Tags = ["rock"] })];

    [Fact]
    public async Task The_scene_of_people_shows_nobody_who_is_followed_or_blocked_nor_the_user()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(People);
        Assert.Equal(8, (await ShownAsync(node, "u1", "people")).Length);
        // Whose card it is counts, and who made it.
        await node.PutUserAsync(new UserDocument { UserId = "p0", Follows = ["p1"], BlockedCreatorIds = ["p2", "c3"] });
        await node.RecordAsync(new UserEvent { UserId = "p0", ItemId = "p4", Type = EventType.Follow });
        Assert.Equal(["p5", "p6", "p7"], await ShownAsync(node, "p0", "people"));
        Assert.Equal(["p1", "c4"], (await node.Grains.GetGrain<IUserGrain>("p0").GetDetails(default))!.Follows);

        // A pin may not be shown either.
        var people = BuiltInScenes.All["people"];
        await node.PutSceneAsync(people with { ReRank = people.ReRank with { Pins = [new("p4", 0)] } });
        Assert.Equal(["p5", "p6", "p7"], await ShownAsync(node, "p0", "people"));

        await node.RecordAsync(new UserEvent { UserId = "p0", ItemId = "p4", Type = EventType.Follow, Undo = true });
        Assert.Contains("p4", await ShownAsync(node, "p0", "people"));
        await node.PutSceneAsync(people with { Discovery = people.Discovery with { ExcludeFollowed = false } });
        Assert.Contains("p1", await ShownAsync(node, "p0", "people"));
    }

    [Fact]
    public async Task The_scene_of_items_to_comment_on_shows_none_that_the_user_has_commented_on_however_long_ago()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync([.. Enumerable.Range(0, 6).Select(
            i => new ItemDocument { ItemId = $"w{i}", CreatorId = $"c{i}", Kind = ItemKind.Audio, Quality = 0.9 })]);
        var old = DateTimeOffset.UtcNow.AddDays(-200);
        await node.RecordAsync(
            new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Comment, Timestamp = old },
            new UserEvent { UserId = "u1", ItemId = "w2", Type = EventType.Like, Timestamp = old });
        Assert.Equal(["w0", "w2", "w3", "w4", "w5"], await ShownAsync(node, "u1", "reviewable"));
        Assert.Equal(6, (await ShownAsync(node, "u1", "feed")).Length);

        await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Comment, Undo = true });
        Assert.Contains("w1", await ShownAsync(node, "u1", "reviewable"));
        var scene = BuiltInScenes.All["reviewable"];
        await node.PutSceneAsync(scene with { Discovery = scene.Discovery with { ExcludeInteracted = [EventType.Like] } });
        Assert.DoesNotContain("w2", await ShownAsync(node, "u1", "reviewable"));
    }

    private static async Task<string[]> ShownAsync(TestNode node, string user, string scene) =>
        [.. (await node.PageAsync(user, c => c with { Scene = scene, PageSize = 50 })).Items.Select(i => i.ItemId).Order()];
}
