using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Users;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Grains.Tests.Users;

/// <summary>What a user's grain answers about the running session and about friends.</summary>
[Trait("Suite", "Cluster")]
public sealed class UserSocialTests
{
    private const int Impressions = 1 << (int)EventType.Impression;

    [Fact]
    public async Task The_session_is_what_was_seen_without_a_pause_oldest_first()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(20));
        var now = DateTimeOffset.UtcNow;
        // Half an hour and more lies between w1 and the rest; w9 was liked only, which is no type that counts here.
        var minutes = new Dictionary<string, int> { ["w1"] = 75, ["w2"] = 40, ["w3"] = 20, ["w4"] = 5, ["w5"] = 1 };
        await node.RecordAsync([.. minutes.Select(m =>
            new UserEvent { UserId = "u1", ItemId = m.Key, Type = EventType.Impression, Timestamp = now.AddMinutes(-m.Value) })]);
        await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w9", Type = EventType.Like, Timestamp = now.AddMinutes(-2) });

        Assert.Equal(["w2", "w3", "w4", "w5"], await SessionAsync(node, now, 10));
        Assert.Equal(["w4", "w5"], await SessionAsync(node, now, 2));
        Assert.Empty(await SessionAsync(node, now, 0));
        Assert.Empty(await SessionAsync(node, now.AddMinutes(32), 10));
    }

    [Fact]
    public async Task What_friends_liked_comes_with_the_user_most_liked_first()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(40));
        await node.PutUserAsync(new UserDocument { UserId = "u1", Friends = ["u1", "f1", "f2", "f3", "stranger"] });
        await LikeAsync(node, "f1", "w1", "w2", "w1");
        await LikeAsync(node, "f2", "w2", "w3");
        await LikeAsync(node, "f3", "w2", "w3");
        await node.RecordAsync(new UserEvent { UserId = "f3", ItemId = "w4", Type = EventType.Skip });

        var reply = await AskAsync(node, friendLikesMs: 5_000);
        Assert.Equal(0, reply.FriendsLate);
        Assert.Equal([("w2", 3f), ("w3", 2f), ("w1", 1f)], Likes(reply));
        Assert.Empty((await AskAsync(node, friendLikesMs: 0)).FriendLikes);
        Assert.Empty((await node.Grains.GetGrain<IUserGrain>("f1").GetSnapshot(Query(5_000), default)).FriendLikes);
    }

    [Fact]
    public async Task A_friend_counts_with_the_newest_sixteen_items_liked()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(40));
        await node.PutUserAsync(new UserDocument { UserId = "u1", Friends = ["f1"] });
        await LikeAsync(node, "f1", [.. Enumerable.Range(0, 20).Select(i => $"w{i}")]);
        Assert.Equal(Enumerable.Range(4, 16).Select(i => $"w{i}").Order(), Likes(await AskAsync(node, 5_000)).Select(l => l.Id).Order());
    }

    [Fact]
    public async Task At_most_two_dozen_friends_are_asked_once_a_minute_the_first_of_the_profile()
    {
        var calls = new FriendFilter();
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<IIncomingGrainCallFilter>(calls));
        await node.PutUserAsync(new UserDocument { UserId = "u1", Friends = [.. Enumerable.Range(0, 40).Select(i => $"f{i}")] });
        var before = DateTimeOffset.UtcNow;
        for (var i = 0; i < 5; i++)
            await AskAsync(node, 5_000);
        var minutes = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 60_000) - (before.ToUnixTimeMilliseconds() / 60_000) + 1;
        Assert.Equal(Enumerable.Range(0, 24).Select(i => $"f{i}").Order(), calls.Asked.Keys.Order());
        Assert.All(calls.Asked.Values, n => Assert.InRange(n, 1, (int)minutes));
    }

    [Fact]
    public async Task A_friend_that_never_answers_costs_the_time_for_it_once_and_is_counted()
    {
        var calls = new FriendFilter { Hanging = "f2", Failing = "f3" };
        await using var node = await TestNode.StartAsync(services: s => s.AddSingleton<IIncomingGrainCallFilter>(calls));
        await node.PutAsync(SampleCatalogue.Items(40));
        await node.PutUserAsync(new UserDocument { UserId = "u1", Friends = ["f1", "f2", "f3"] });
        await LikeAsync(node, "f1", "w7");
        var reply = await AskAsync(node, 50);
        // A minute that ends in between asks anew.
        var again = await AskAsync(node, 50);
        foreach (var r in (UserReply[])[reply, again])
        {
            Assert.Equal(2, r.FriendsLate);
            Assert.Equal([("w7", 1f)], Likes(r));
        }
        // The page is made all the same: of what the others liked, saying how many did not answer.
        var page = await node.PageAsync("u1", c => c with { PageSize = 40 });
        const string late = "what 2 of the user's friends liked did not arrive in time";
        Assert.Contains(page.Degraded, d => d is { Stage: "recall", Reason: "friendsTimeout", Detail: late });
        Assert.Equal(40, page.Items.Length);
        Assert.Equal(["w7"], page.Items.Where(i => i.Channels.Contains("social")).Select(i => i.ItemId));

        calls.Release();
        await calls.Released;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await AskAsync(node, 50)).FriendsLate != 1)
            await Task.Delay(10, limit.Token);
    }

    private static UserQuery Query(int friendLikesMs) =>
        new(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), Impressions, 86_400_000, 1_000, null, 0, friendLikesMs);

    private static Task<UserReply> AskAsync(TestNode node, int friendLikesMs) =>
        node.Grains.GetGrain<IUserGrain>("u1").GetSnapshot(Query(friendLikesMs), default);

    private static async Task<string[]> SessionAsync(TestNode node, DateTimeOffset now, int length)
    {
        var query = Query(0) with { Now = now.ToUnixTimeMilliseconds(), SessionLength = length };
        var reply = await node.Grains.GetGrain<IUserGrain>("u1").GetSnapshot(query, default);
        return [.. Key64.FromBytes(reply.SessionKeys).ToArray().Select(IdOf)];
    }

    private static (string Id, float Weight)[] Likes(UserReply reply) =>
        [.. MemoryMarshal.Cast<byte, RecallInterest>(reply.FriendLikes).ToArray()
            .Select(l => (IdOf(l.Key), l.Field == InterestField.Item ? l.Weight : float.NaN))];

    private static string IdOf(ulong key) => Enumerable.Range(0, 40).Select(i => $"w{i}").Single(id => Key64.Of(id) == key);

    private static Task LikeAsync(TestNode node, string user, params string[] items) =>
        node.RecordAsync([.. items.Select((item, i) => new UserEvent { EventId = $"{user}-{i}", UserId = user, ItemId = item, Type = EventType.Like })]);

    /// <summary>Counts who is asked for likes, and holds back or breaks the answers of some.</summary>
    private sealed class FriendFilter : IIncomingGrainCallFilter
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? Hanging { get; init; }

        public string? Failing { get; init; }

        public ConcurrentDictionary<string, int> Asked { get; } = new();

        public Task Released => _gate.Task;

        public void Release() => _gate.SetResult();

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.MethodName == nameof(IUserGrain.TellLiked))
            {
                var friend = context.TargetId.Key.ToString()!;
                Asked.AddOrUpdate(friend, 1, (_, n) => n + 1);
                if (friend == Hanging)
                    await _gate.Task;
                if (friend == Failing)
                    throw new OrleansException("broken on purpose");
            }
            await context.Invoke();
        }
    }
}
