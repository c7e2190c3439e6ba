using System.Text;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Users;

/// <summary>What counts once, what is taken back, and who is followed.</summary>
[Trait("Suite", "Cluster")]
public sealed class UserUndoTests
{
    [Fact]
    public async Task Likes_plays_and_comments_of_one_user_count_once_and_what_is_taken_back_not_at_all_also_after_a_restart()
    {
        var data = TestNode.NewData();
        try
        {
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.PutAsync(SampleCatalogue.Items(5));
                var events = new List<UserEvent>();
                foreach (var type in (EventType[])[EventType.Like, EventType.Play, EventType.Comment, EventType.Share])
                    events.AddRange(Enumerable.Range(0, 5).Select(i => Event(type, "w1", $"{type}{i}")));
                Assert.All(await node.RecordAsync([.. events]), s => Assert.Equal(EventStatus.Accepted, s));
                // A second call meets the stored state.
                await node.RecordAsync(Event(EventType.Like, "w1", "again"), Event(EventType.Like, "w2", "other"));
                Assert.Equal((7L, 5L), await CountsAsync(node));
                var counters = await UntilAsync(node, "w1", c => c is { Likes: 1, Plays: 1, Comments: 1 });
                Assert.Equal(1.5f + 1 + 1.5f + 2, counters.Hot(0), 1e-3f);

                Assert.Equal([EventStatus.Accepted], await node.RecordAsync(Undo(EventType.Like, "w1", "undo")));
                await UntilAsync(node, "w1", c => c is { Likes: 0, Plays: 1, Comments: 1 });
                await node.RecordAsync(Undo(EventType.Like, "w2", "undo2"));
                await UntilAsync(node, "w2", IsUnheard);
                Assert.Equal((0L, 5L), await CountsAsync(node));
                await node.RecordAsync(Undo(EventType.Comment, "w1", "undo3"), Event(EventType.Comment, "w1", "anew"));
            }
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.WarmAsync();
                var counters = await UntilAsync(node, "w1", c => c is { Likes: 0, Plays: 1, Comments: 1 });
                Assert.Equal(1 + 1.5f + 2, counters.Hot(0), 1e-3f);
                Assert.True(IsUnheard(await CountersAsync(node, "w2")));
                Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(Undo(EventType.Like, "w1", "undo")));
                await node.RecordAsync(Event(EventType.Comment, "w1", "anew too"), Event(EventType.Share, "w3", "last"));
                // The share stands behind the comment in the log.
                await UntilAsync(node, "w3", c => c.Hot(0) > 1);
                Assert.Equal(1, (await CountersAsync(node, "w1")).Comments);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Without_ids_a_like_an_undo_and_a_like_again_are_three_events_and_each_repeated_call_is_none()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(5));
        var like = new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Like };
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(like));
            Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(like));
            Assert.Equal(["w1"], await LikedAsync(node));
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(like with { Undo = true }));
            Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(like with { Undo = true }));
            Assert.Empty(await LikedAsync(node));
        }
    }

    [Fact]
    public async Task An_undo_of_what_was_never_done_is_refused_and_the_others_are_kept()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(5));
        Assert.Equal(
            [EventStatus.NothingToUndo, EventStatus.Accepted, EventStatus.Accepted],
            await node.RecordAsync(Undo(EventType.Like, "w1", "e1"), Event(EventType.Share, "w1", "e2"), Undo(EventType.Share, "w1", "e3")));
    }

    [Fact]
    public async Task A_write_that_names_follows_replaces_those_learnt_before_it_and_another_leaves_them()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(5);
        await node.PutAsync(items);
        var (first, second) = (items[1].CreatorId, items[2].CreatorId);
        await node.RecordAsync(Event(EventType.Follow, "w1", "e1"));
        Assert.Equal([first], await FollowsAsync(node));

        // A profile that does not speak of follows leaves them as they are.
        await WriteAsync(node, WriteOperation.Put, """{"region":"GD"}""");
        var version = (await WriteAsync(node, WriteOperation.Patch, """{"region":"SH"}""")).Version;
        Assert.Equal([first], await FollowsAsync(node));
        Assert.Contains($"\"follows\":[\"{first}\"]", Encoding.UTF8.GetString((await DetailsAsync(node)).ProfileJson!));

        await WriteAsync(node, WriteOperation.Patch, """{"follows":["x"]}""");
        Assert.Equal(["x"], await FollowsAsync(node));
        var snapshot = await SnapshotAsync(node);
        Assert.Equal([Key64.Of("x")], snapshot.Follows);
        // Nor does what the follow taught make the creator lead.
        Assert.Equal(["x"], snapshot.Creators.Select(c => c.Id));

        await node.RecordAsync(Event(EventType.Follow, "w2", "e2"));
        var details = await DetailsAsync(node);
        Assert.Equal(["x", second], details.Follows);
        Assert.True(details.Version > version + 1);
        Assert.Equal(WriteStatus.VersionMismatch, (await WriteAsync(node, WriteOperation.Put, """{"follows":[]}""", version + 1)).Status);
        await node.RecordAsync(Undo(EventType.Follow, "w2", "e3"));
        Assert.Equal(["x"], await FollowsAsync(node));
        await node.RecordAsync(Event(EventType.Follow, "w2", "e4"));
        await WriteAsync(node, WriteOperation.Put, """{"follows":[]}""");
        Assert.Empty(await FollowsAsync(node));
        Assert.Empty((await SnapshotAsync(node)).Creators);
    }

    private static UserEvent Event(EventType type, string item, string id) => new() { EventId = id, UserId = "u1", ItemId = item, Type = type };

    private static UserEvent Undo(EventType type, string item, string id) => Event(type, item, id) with { Undo = true };

    private static IUserGrain User(TestNode node) => node.Grains.GetGrain<IUserGrain>("u1");

    private static Task<WriteResult> WriteAsync(TestNode node, WriteOperation operation, string json, long? ifMatch = null) =>
        User(node).WriteProfile(new ProfileCommand(operation, Encoding.UTF8.GetBytes(json), ifMatch), default);

    private static async Task<UserDetails> DetailsAsync(TestNode node) => (await User(node).GetDetails(default))!;

    private static async Task<string[]> FollowsAsync(TestNode node) => (await DetailsAsync(node)).Follows;

    private static async Task<UserSnapshot> SnapshotAsync(TestNode node) =>
        (await User(node).GetSnapshot(new UserQuery(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 0, 0, 0, null), default)).Snapshot;

    private static async Task<string[]> LikedAsync(TestNode node) =>
        [.. Key64.FromBytes(await User(node).GetLiked(10)).ToArray()
            .Select(key => Enumerable.Range(0, 5).Select(i => $"w{i}").Single(id => Key64.Of(id) == key))];

    private static async Task<(long Likes, long Comments)> CountsAsync(TestNode node)
    {
        var events = (await User(node).GetState()).Events;
        return (events.GetValueOrDefault("like"), events.GetValueOrDefault("comment"));
    }

    // The one who liked it remains in what it has in common with other items: pairs are not taken back.
    private static bool IsUnheard(ItemCounters counters)
    {
        Assert.True(counters.Fans > 0);
        counters.Fans = 0;
        return counters.IsZero;
    }

    private static async Task<ItemCounters> UntilAsync(TestNode node, string item, Func<ItemCounters, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var counters = await CountersAsync(node, item);
            if (holds(counters))
                return counters;
            await Task.Delay(20, limit.Token);
        }
    }

    private static Task<ItemCounters> CountersAsync(TestNode node, string item)
    {
        var key = Key64.Of(item);
        using var view = node.Service<PartitionHost>().Get(Key64.Shard(key, node.ShardCount)).AcquireOnce();
        return Task.FromResult(view.CountersOf(view.Find(key)));
    }
}
