using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Users;

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
