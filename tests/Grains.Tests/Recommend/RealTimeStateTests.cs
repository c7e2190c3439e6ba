using System.Collections.Concurrent;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>What a request must see of events that were acknowledged before it began, while others write and ask.</summary>
[Trait("Suite", "Cluster")]
public sealed class RealTimeStateTests
{
    private const int Users = 4;
    private const int Rounds = 12;
    private const int Readers = 3;

    [Fact]
    public async Task An_acknowledged_impression_never_comes_back_while_others_write_and_ask()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(600, creators: 60, songs: 60));
        await Task.WhenAll(Enumerable.Range(0, Users).Select(u => UserAsync(node, $"u{u}")));
    }

    [Fact]
    public async Task Pages_of_a_chain_never_repeat_while_events_arrive_and_leave_out_what_was_acknowledged_before_them()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(600, creators: 60, songs: 60));
        await Task.WhenAll(Enumerable.Range(0, Users).Select(async u =>
        {
            var user = $"u{u}";
            var acknowledged = new ConcurrentDictionary<string, bool>();
            var served = new HashSet<string>();
            byte[]? state = null;
            // Events of items beyond the page, as another device of the same user would send them.
            var writer = Task.Run(async () =>
            {
                for (var i = u; i < 300; i += 7)
                    await ImpressAsync(node, user, acknowledged, $"w{i}");
            });
            for (var page = 0; page < 8; page++)
            {
                var before = acknowledged.Keys.ToHashSet();
                var reply = await node.RecommendAsync(user, c => c with { PageState = state, DryRun = false });
                Assert.Equal(RecommendStatus.Ok, reply.Status);
                Assert.All(reply.Answer!.Items, i => Assert.DoesNotContain(i.ItemId, before));
                Assert.All(reply.Answer.Items, i => Assert.True(served.Add(i.ItemId), $"{i.ItemId} was served twice"));
                state = reply.NextPage;
                Assert.NotNull(state);
                await ImpressAsync(node, user, acknowledged, [.. reply.Answer.Items.Take(5).Select(i => i.ItemId)]);
            }
            await writer;
        }));
    }

    private static async Task UserAsync(TestNode node, string user)
    {
        var acknowledged = new ConcurrentDictionary<string, bool>();
        var done = false;
        var readers = Enumerable.Range(0, Readers).Select(_ => Task.Run(async () =>
        {
            do
                await AskAsync(node, user, acknowledged);
            while (!Volatile.Read(ref done));
        })).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var page = await AskAsync(node, user, acknowledged);
            Assert.Equal(10, page.Length);
            await Task.WhenAll(page.Take(4).Chunk(2).Select(items => ImpressAsync(node, user, acknowledged, items)));
        }
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
        Assert.Equal(Rounds * 4, acknowledged.Count);
    }

    private static async Task<string[]> AskAsync(TestNode node, string user, ConcurrentDictionary<string, bool> acknowledged)
    {
        var before = acknowledged.Keys.ToHashSet();
        var page = await node.PageAsync(user);
        Assert.All(page.Items, i => Assert.DoesNotContain(i.ItemId, before));
        return [.. page.Items.Select(i => i.ItemId)];
    }

    private static async Task ImpressAsync(TestNode node, string user, ConcurrentDictionary<string, bool> acknowledged, params string[] items)
    {
        var statuses = await node.RecordAsync([.. items.Select(item =>
            new UserEvent { EventId = Guid.NewGuid().ToString("N"), UserId = user, ItemId = item, Type = EventType.Impression })]);
        Assert.All(statuses, s => Assert.Equal(EventStatus.Accepted, s));
        foreach (var item in items)
            acknowledged[item] = true;
    }
}
