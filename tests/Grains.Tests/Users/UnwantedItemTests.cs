using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Users;

/// <summary>What a user does not want leaves their pages for good.</summary>
[Trait("Suite", "Cluster")]
public sealed class UnwantedItemTests
{
    private static readonly DateTimeOffset Old = DateTimeOffset.UtcNow.AddDays(-200);

    [Fact]
    public async Task An_item_that_was_disliked_or_reported_does_not_come_back_until_that_is_taken_back()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(Items(6));
        Assert.Equal([EventStatus.Accepted, EventStatus.Accepted, EventStatus.Accepted], await node.RecordAsync(
            new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Dislike, Timestamp = Old },
            new UserEvent { UserId = "u1", ItemId = "w2", Type = EventType.Report, Timestamp = Old },
            new UserEvent { UserId = "u1", ItemId = "w3", Type = EventType.Skip, Timestamp = Old }));
        Assert.Equal(["w0", "w3", "w4", "w5"], await ShownAsync(node));

        // A pin may not be shown either.
        var feed = BuiltInScenes.All["feed"];
        await node.PutSceneAsync(feed with { ReRank = feed.ReRank with { Pins = [new("w1", 0), new("w2", 1)] } });
        Assert.Equal(["w0", "w3", "w4", "w5"], await ShownAsync(node));

        await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Dislike, Undo = true });
        Assert.Equal(["w0", "w1", "w3", "w4", "w5"], await ShownAsync(node));
    }

    [Fact]
    public async Task Blocked_items_tags_and_songs_are_not_shown_whichever_channel_finds_them()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(Items(8));
        await node.PutUserAsync(new UserDocument { UserId = "f1" });
        await node.RecordAsync(
            new UserEvent { UserId = "f1", ItemId = "w1", Type = EventType.Like }, new UserEvent { UserId = "f1", ItemId = "w4", Type = EventType.Like });
        var feed = BuiltInScenes.All["feed"];
        await node.PutSceneAsync(feed with { ReRank = feed.ReRank with { Pins = [new("w1", 0), new("w2", 1), new("w3", 2)] } });
        var profile = new UserDocument
        {
            UserId = "u1",
            Friends = ["f1"],
            Follows = ["c1"],
            Interests = new UserInterests { Tags = new Dictionary<string, double> { ["t2"] = 5, ["t5"] = 1 }, SongIds = ["s3"] },
            BlockedItemIds = ["w1"],
            BlockedTags = ["t2"],
            BlockedSongIds = ["s3"],
        };
        await node.PutUserAsync(profile);
        Assert.Equal(["w0", "w4", "w5", "w6", "w7"], await ShownAsync(node));
        await node.PutUserAsync(profile with { BlockedItemIds = [], BlockedTags = [], BlockedSongIds = [] });
        Assert.Equal(8, (await ShownAsync(node)).Length);
    }

    [Fact]
    public async Task What_a_friend_liked_and_then_disliked_is_no_recommendation_of_theirs()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(Items(3));
        await node.RecordAsync(
            new UserEvent { UserId = "f1", ItemId = "w1", Type = EventType.Like }, new UserEvent { UserId = "f1", ItemId = "w2", Type = EventType.Like },
            new UserEvent { UserId = "f1", ItemId = "w1", Type = EventType.Dislike });
        Assert.Equal([Key64.Of("w2")], Key64.FromBytes(await node.Grains.GetGrain<IUserGrain>("f1").GetLiked(10)).ToArray());
    }

    private static ItemDocument[] Items(int count) =>
        [.. Enumerable.Range(0, count).Select(
            i => new ItemDocument { ItemId = $"w{i}", CreatorId = $"c{i}", SongId = $"s{i}", Kind = ItemKind.Audio, Tags = [$"t{i}"] })];

    private static async Task<string[]> ShownAsync(TestNode node) =>
        [.. (await node.PageAsync("u1", c => c with { Scene = "feed", PageSize = 50 })).Items.Select(i => i.ItemId).Order()];
}
