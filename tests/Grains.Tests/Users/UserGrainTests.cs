using System.Text;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Users;

[Trait("Suite", "Cluster")]
public sealed class UserGrainTests
{
    [Fact]
    public async Task A_repeated_event_changes_nothing_also_after_a_restart()
    {
        var data = TestNode.NewData();
        try
        {
            var e = new UserEvent { EventId = "e1", UserId = "u1", ItemId = "w1", Type = EventType.Play, Value = 0.8 };
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.PutAsync(SampleCatalogue.Items(5));
                Assert.Equal([EventStatus.Accepted, EventStatus.Duplicate], await node.RecordAsync(e, e));
                Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(e));
                Assert.Equal(1, (await StateAsync(node)).Events["play"]);
            }
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.WarmAsync();
                Assert.Equal([EventStatus.Duplicate], await node.RecordAsync(e));
                var state = await StateAsync(node);
                Assert.Equal((1L, 1L), (state.Version, state.Events["play"]));
                await node.CountedAsync(1);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Two_users_may_use_the_same_event_id()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(5));
        for (var user = 0; user < 8; user++)
        {
            var e = new UserEvent { EventId = "same", UserId = $"u{user}", ItemId = "w1", Type = EventType.Like };
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(e));
        }
    }

    [Fact]
    public async Task An_event_of_an_unknown_item_is_refused_and_the_others_are_kept()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(5));
        var statuses = await node.RecordAsync(
            new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Like },
            new UserEvent { UserId = "u1", ItemId = "missing", Type = EventType.Like },
            new UserEvent { UserId = "u1", ItemId = "w2", Type = EventType.Follow });
        Assert.Equal([EventStatus.Accepted, EventStatus.UnknownItem, EventStatus.Accepted], statuses);
        var state = await StateAsync(node);
        Assert.Equal((1L, 1L, 1), (state.Events["like"], state.Events["follow"], state.Follows));
    }

    [Fact]
    public async Task Many_concurrent_events_are_all_in_the_state_and_share_its_writes()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(50));
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            node.RecordAsync(new UserEvent { EventId = $"e{i}", UserId = "u1", ItemId = $"w{i % 50}", Type = EventType.Impression })));
        Assert.All(results, r => Assert.Equal([EventStatus.Accepted], r));
        var state = await StateAsync(node);
        Assert.Equal((200L, 200L), (state.Events["impression"], state.Version));
        // Without coalescing there would be one write an event.
        Assert.InRange(state.StateWrites, 1, 150);
    }

    [Fact]
    public async Task An_old_event_repeated_after_many_others_is_not_applied_again()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(50));
        var events = Enumerable.Range(0, 400)
            .Select(i => new UserEvent { EventId = $"e{i}", UserId = "u1", ItemId = $"w{i % 50}", Type = EventType.Play, Value = 1 }).ToArray();
        Assert.All(await node.RecordAsync(events), s => Assert.Equal(EventStatus.Accepted, s));
        Assert.All(await node.RecordAsync([events[0], events[1], events[399]]), s => Assert.Equal(EventStatus.Duplicate, s));
        Assert.Equal((400L, 400L), ((await StateAsync(node)).Version, (await StateAsync(node)).Events["play"]));
    }

    [Fact]
    public async Task Events_that_the_log_has_and_the_state_lost_are_applied_when_they_are_sent_again()
    {
        var data = TestNode.NewData();
        try
        {
            var events = Enumerable.Range(0, 300).Select(i => new UserEvent
            {
                EventId = $"e{i}",
                UserId = "u1",
                ItemId = $"w{i % 50}",
                Type = EventType.Like,
                Timestamp = DateTimeOffset.UtcNow.AddDays(-2).AddMinutes(-i),
            }).ToArray();
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.PutAsync(SampleCatalogue.Items(50));
                await node.RecordAsync(events);
            }
            // What an operator leaves behind who goes on without the lost states: the log has the events, and notes that states had them.
            File.Delete(Path.Combine(data, "state", "grains.db"));
            File.Delete(Path.Combine(data, "state", "grains.mark"));
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.WarmAsync();
                Assert.All(await node.RecordAsync(events), s => Assert.Equal(EventStatus.Duplicate, s));
                Assert.Equal(300, (await StateAsync(node)).Events["like"]);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task After_an_erasure_no_version_comes_twice_and_an_event_sent_again_counts()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(5));
        var first = await node.PutUserAsync(new UserDocument { UserId = "u1" });
        var e = new UserEvent { EventId = "e1", UserId = "u1", ItemId = "w1", Type = EventType.Like };
        await node.RecordAsync(e);
        await node.Grains.GetGrain<IUserGrain>("u1").WriteProfile(new ProfileCommand(WriteOperation.Delete, [], null), default);
        Assert.False((await StateAsync(node)).Known);
        Assert.Equal([EventStatus.Accepted, EventStatus.Duplicate], await node.RecordAsync(e, e));
        Assert.Equal(1, (await StateAsync(node)).Events["like"]);
        var second = await node.PutUserAsync(new UserDocument { UserId = "u1" });
        Assert.Equal(WriteStatus.Created, second.Status);
        Assert.True(second.Version > first.Version);
    }

    [Fact]
    public async Task A_patch_that_names_a_member_twice_is_refused_and_others_go_on()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(5));
        await node.PutUserAsync(new UserDocument { UserId = "u1" });
        Assert.Equal(WriteStatus.Invalid, (await PatchAsync(node, """{"region":"a","region":"b"}""")).Status);
        Assert.Equal(WriteStatus.Invalid, (await node.WriteAsync(WriteOperation.Patch, "w1", """{"title":"a","title":"b"}""")).Status);
        Assert.Equal(WriteStatus.Updated, (await node.WriteAsync(WriteOperation.Patch, "w1", """{"title":"c"}""")).Status);
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Like }));
    }

    [Fact]
    public async Task A_profile_is_replaced_merged_and_erased()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(20));
        var put = await node.PutUserAsync(new UserDocument { UserId = "u1", Region = "gd", Follows = ["c1"] });
        Assert.Equal(WriteStatus.Created, put.Status);
        var grain = node.Grains.GetGrain<IUserGrain>("u1");
        Assert.Equal(WriteStatus.VersionMismatch, (await PatchAsync(node, "{}", put.Version + 1)).Status);
        var patched = await PatchAsync(node, """{"region":null,"interests":{"tags":{"rock":2}}}""", put.Version);
        Assert.Equal(WriteStatus.Updated, patched.Status);
        var json = Encoding.UTF8.GetString((await grain.GetDetails(default))!.ProfileJson!);
        Assert.DoesNotContain("region", json);
        Assert.Contains("rock", json);
        Assert.Contains("c1", json);
        Assert.Equal("interests.tags.rock", (await PatchAsync(node, """{"interests":{"tags":{"rock":-1}}}""")).Errors[0].Field);

        await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Impression });
        Assert.Equal(WriteStatus.Updated, (await grain.WriteProfile(new ProfileCommand(WriteOperation.Delete, [], null), default)).Status);
        Assert.Null(await grain.GetDetails(default));
        Assert.Equal(WriteStatus.NotFound, (await grain.WriteProfile(new ProfileCommand(WriteOperation.Delete, [], null), default)).Status);
        Assert.Equal(20, (await node.PageAsync("u1", c => c with { PageSize = 100 })).Items.Length);
    }

    private static Task<WriteResult> PatchAsync(TestNode node, string json, long? ifMatch = null) =>
        node.Grains.GetGrain<IUserGrain>("u1").WriteProfile(new ProfileCommand(WriteOperation.Patch, Encoding.UTF8.GetBytes(json), ifMatch), default);

    private static Task<UserGrainView> StateAsync(TestNode node) => node.Grains.GetGrain<IUserGrain>("u1").GetState();
}
