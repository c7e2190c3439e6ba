using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Recommend;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Grains.Tests.Recommend;

[Trait("Suite", "Cluster")]
public sealed class PinStageTests
{
    [Fact]
    public async Task Only_pins_that_may_be_shown_to_the_user_are_found_whether_or_not_recall_finds_them()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(60);
        await node.PutAsync(items);
        await node.WriteAsync(WriteOperation.Patch, "w1", """{"hidden":true}""");
        await node.WriteAsync(WriteOperation.Patch, "w2", """{"expiresAt":"2020-01-01T00:00:00Z"}""");
        await node.WriteAsync(WriteOperation.Patch, "w3", """{"publishedAt":"2021-01-01T00:00:00Z"}""");
        await node.PutAsync(items[4] with { ItemId = "y4", WorldId = "elsewhere" });
        await node.WriteAsync(WriteOperation.Delete, "w5");
        var blocked = items[6].CreatorId;
        string[] seen = ["w7"];
        var ids = Enumerable.Range(0, 13).Select(i => i == 4 ? "y4" : $"w{i}").Append("nowhere").ToArray();
        var request = Request(
            [.. ids.Select((id, i) => new Pin(id, i))],
            change: c => c with
            {
                PageSize = 13,
                Exclude = ["w8"],
                Filter = JsonSerializer.SerializeToUtf8Bytes(new { not = new { field = "itemId", eq = "w9" } }),
            },
            blocked,
            seen, minQuality: items[10].Quality!.Value + 0.001);
        var found = (await Stage(node).RunAsync(request, default)).Items;

        var expected = ids[..13].Where(id => id is not ("w1" or "w2" or "w3" or "y4" or "w5" or "w6" or "w7" or "w8" or "w9" or "w10"))
            .Where(id => items.Single(i => i.ItemId == id) is var item && item.CreatorId != blocked && item.Quality >= items[10].Quality + 0.001);
        Assert.Equal(expected.Order(), found.Block.Ids.Order());
        Assert.NotEmpty(found.Candidates);
        Assert.Equal(found.Candidates.Select(c => c.Key), found.Block.Rows.ToArray().Select(r => r.Key));
        // A pin that recall found too stands once.
        var known = StageBench.Candidates([.. items.Where(i => i.ItemId is "w20" || i.ItemId == found.Block.Ids[0])]);
        var joined = PinStage.Join(known, found);
        Assert.Equal(1 + found.Candidates.Count, joined.Candidates.Count);
        Assert.Equal(joined.Candidates.Select(c => c.Key), joined.Block.Rows.ToArray().Select(r => r.Key));
        Assert.Equal(joined.Candidates.Count, joined.Block.Ids.Distinct().Count());
    }

    [Fact]
    public async Task A_shard_that_does_not_answer_costs_its_pins_and_nothing_else()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(60));
        var request = Request([new Pin("w1", 0)], c => c, null, [], 0);
        var late = await Stage(node).RunAsync(request, new CancellationToken(canceled: true));
        Assert.Empty(late.Items.Candidates);
        Assert.Equal("shardTimeout", Assert.Single(late.Clock.Degraded, d => d.Stage == "pins").Reason);
        var found = await Stage(node).RunAsync(request, default);
        Assert.Single(found.Items.Candidates);
        Assert.Empty(found.Clock.Degraded);
    }

    [Fact]
    public async Task A_chain_of_pages_whose_works_are_deleted_as_they_are_served_never_shows_a_creator_or_song_twice_in_a_row()
    {
        await using var node = await TestNode.StartAsync();
        var items = SampleCatalogue.Items(80, creators: 4, songs: 5);
        await node.PutAsync(items);
        var byId = items.ToDictionary(i => i.ItemId);
        byte[]? state = null;
        ItemDocument? last = null;
        for (var n = 0; n < 25; n++)
        {
            var reply = await node.RecommendAsync("u1", c => c with { PageSize = 1, PageState = state });
            var item = byId[reply.Answer!.Items.Single().ItemId];
            Assert.NotEqual(last?.CreatorId, item.CreatorId);
            Assert.NotEqual(last?.SongId, item.SongId);
            Assert.Empty(reply.Answer.Funnel!.RelaxedRules);
            await node.WriteAsync(WriteOperation.Delete, item.ItemId);
            (last, state) = (item, reply.NextPage);
        }
    }

    private static PinStage Stage(TestNode node) => new(node.Service<IShardClient>(), TimeProvider.System, NullLogger.Instance);

    private static FunnelRequest Request(Pin[] pins, Func<RecommendCommand, RecommendCommand> change, string? blocked, string[] seen, double minQuality)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var user = new UserSnapshot { UserId = "u1", Blocked = blocked is null ? [] : [Key64.Of(blocked)] };
        return new FunnelRequest
        {
            Command = change(new RecommendCommand { RequestId = "r1", UserId = "u1", Scene = "s", PageSize = 10, DryRun = true }),
            Scene = new EffectiveScene(new SceneDocument
            {
                Scene = "s",
                Discovery = new DiscoverySettings { MinQuality = minQuality },
                ReRank = new ReRankSettings { Pins = pins }
            }, 1),
            User = new UserReply(user, Key64.ToBytes(Key64.OfAll(seen)), [], null, false),
            Model = null,
            Page = null,
            Excluded = [],
            Now = now,
            Clock = new StageClock(TimeProvider.System),
        };
    }
}
