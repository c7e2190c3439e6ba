using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage.Events;

namespace KgOrleans.Grains.Tests.Users;

/// <summary>What is gone once a user is erased.</summary>
[Trait("Suite", "Cluster")]
public sealed class UserErasureTests
{
    [Fact]
    public async Task What_an_erased_user_liked_leaves_their_friends_at_once()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(10));
        await node.PutUserAsync(new UserDocument { UserId = "u1", Friends = ["f1", "f2"] });
        await node.PutUserAsync(new UserDocument { UserId = "u2", Friends = ["f1"] });
        await node.RecordAsync(new UserEvent { UserId = "f1", ItemId = "w7", Type = EventType.Like });
        await node.RecordAsync(new UserEvent { UserId = "f2", ItemId = "w3", Type = EventType.Like });
        Assert.Equal([Key64.Of("w3"), Key64.Of("w7")], (await FriendLikesAsync(node, "u1")).Order());
        Assert.Equal([Key64.Of("w7")], await FriendLikesAsync(node, "u2"));

        Assert.True((await EraseAsync(node, "f1")).Succeeded);

        Assert.Equal([Key64.Of("w3")], await FriendLikesAsync(node, "u1"));
        Assert.Empty(await FriendLikesAsync(node, "u2"));
    }

    [Fact]
    public async Task Events_dated_before_an_erasure_are_refused_and_those_after_it_are_a_new_beginning()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(10));
        var before = new UserEvent { EventId = "e1", UserId = "u1", ItemId = "w1", Type = EventType.Like, Timestamp = DateTimeOffset.UtcNow.AddSeconds(-1) };
        Assert.Equal([EventStatus.Accepted], await node.RecordAsync(before));
        await EraseAsync(node, "u1");

        Assert.Equal(
            [EventStatus.BeforeErasure, EventStatus.BeforeErasure, EventStatus.Accepted],
            await node.RecordAsync(before, before with { EventId = "other" }, before with { EventId = "new", Timestamp = DateTimeOffset.UtcNow }));
        Assert.Equal(1, (await node.Grains.GetGrain<IUserGrain>("u1").GetState()).Events["like"]);
    }

    [Fact]
    public async Task What_an_erased_user_did_is_in_no_export_also_after_a_restart_and_what_follows_is()
    {
        var data = TestNode.NewData();
        try
        {
            await using (var node = await TestNode.StartAsync(data))
            {
                await node.PutAsync(SampleCatalogue.Items(10));
                await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w1", Type = EventType.Like }, Play("u1", "w2"));
                await node.RecordAsync(Play("u2", "w3"));
                Assert.Equal(3, (await ExportAsync(node)).Length);
                await EraseAsync(node, "u1");
                // Sent again, as after a lost answer.
                Assert.Equal(WriteStatus.NotFound, (await EraseAsync(node, "u1")).Status);
                Assert.Equal([("u2", "w3")], await ExportAsync(node));
                await node.RecordAsync(Play("u1", "w5"));
            }
            await using (var node = await TestNode.StartAsync(data))
                Assert.Equal([("u1", "w5"), ("u2", "w3")], await ExportAsync(node));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static UserEvent Play(string user, string item) => new() { UserId = user, ItemId = item, Type = EventType.Play };

    private static async Task<(string UserId, string ItemId)[]> ExportAsync(TestNode node)
    {
        var partitions = node.Service<EventLog>().Partitions;
        var parts = await Task.WhenAll(
            Enumerable.Range(0, partitions).Select(p => node.Grains.GetGrain<IEventPartitionGrain>(p).Export(0, default)));
        var events = parts.SelectMany(part => Encoding.UTF8.GetString(part.Lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(line => JsonSerializer.Deserialize<UserEvent>(line, KgJson.Options)!);
        return [.. events.Select(e => (e.UserId, e.ItemId)).Order()];
    }

    private static Task<WriteResult> EraseAsync(TestNode node, string user) =>
        node.Grains.GetGrain<IUserGrain>(user).WriteProfile(new ProfileCommand(WriteOperation.Delete, [], null), default);

    private static async Task<ulong[]> FriendLikesAsync(TestNode node, string user)
    {
        var query = new UserQuery(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 0, 0, 0, null, 0, FriendLikesMs: 5_000);
        var reply = await node.Grains.GetGrain<IUserGrain>(user).GetSnapshot(query, default);
        Assert.Equal(0, reply.FriendsLate);
        return [.. MemoryMarshal.Cast<byte, RecallInterest>(reply.FriendLikes).ToArray().Select(l => l.Key)];
    }
}
