using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>Filters by features and communities, wherever a filter may stand: in a request, in the shards, over pins and over the rows of a page.</summary>
[Trait("Suite", "Cluster")]
public sealed class AttributeFilterTests
{
    private static readonly SceneDocument Plain = new()
    {
        Scene = "s",
        Discovery = new() { AgeWindowDays = 36_500 },
        PreRank = new() { Diversity = DiversityMethod.None },
        ReRank = new() { Diversity = DiversityMethod.None, Rules = [] },
    };

    private static readonly object Fast = new { field = "features.tempo", gte = 120 };
    private static readonly object InClub = new { field = "communityIds", eq = "club" };

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_request_a_scene_and_a_pin_see_features_and_communities(int shards)
    {
        await using var node = await TestNode.StartAsync(shards: shards);
        var items = Items(80);
        await node.PutAsync(items);
        await node.PutSceneAsync(Plain);
        Assert.Equal(IdsOf(items, IsFast), await ShownAsync(node, Fast));
        Assert.Equal(IdsOf(items, IsInClub), await ShownAsync(node, InClub));
        Assert.Equal(IdsOf(items, i => IsFast(i) && !IsInClub(i)), await ShownAsync(node, new { all = new[] { Fast, new { not = InClub } } }));

        // The same in the scene: pins obey it too.
        await node.PutSceneAsync(Plain with
        {
            Discovery = Plain.Discovery with { Filter = Filter(Fast) },
            ReRank = Plain.ReRank with { Pins = [new(items.First(i => !IsFast(i)).ItemId, 0), new(items.Last(IsFast).ItemId, 1)] },
        });
        var page = await node.PageAsync("u1", c => c with { Scene = "s", PageSize = 100 });
        Assert.Equal(IdsOf(items, IsFast), page.Items.Select(i => i.ItemId).Order());
        Assert.Equal(items.Last(IsFast).ItemId, page.Items[1].ItemId);

        // A patch counts at once.
        var slow = items.First(i => !IsFast(i)).ItemId;
        await node.WriteAsync(WriteOperation.Patch, slow, """{"features":{"tempo":120}}""");
        Assert.Contains(slow, (await node.PageAsync("u1", c => c with { Scene = "s", PageSize = 100 })).Items.Select(i => i.ItemId));
    }

    [Fact]
    public async Task Rules_shares_boosts_and_traffic_classes_see_features_and_communities()
    {
        await using var node = await TestNode.StartAsync();
        var items = Items(80);
        var byId = items.ToDictionary(i => i.ItemId);
        await node.PutAsync(items);
        async Task<ItemDocument[]> PageAsync(ReRankSettings reRank)
        {
            await node.PutSceneAsync(Plain with { ReRank = reRank with { Diversity = DiversityMethod.None } });
            return [.. (await node.PageAsync("u1", c => c with { Scene = "s" })).Items.Select(i => byId[i.ItemId])];
        }

        var ruled = await PageAsync(new() { Rules = [new() { Filter = Filter(Fast), Max = 1, In = 5 }] });
        Assert.All(Enumerable.Range(0, 6), at => Assert.InRange(ruled[at..(at + 5)].Count(IsFast), 0, 1));
        Assert.InRange(ruled.Count(IsFast), 1, 2);
        var shared = await PageAsync(new() { Rules = [], Shares = [new() { Filter = Filter(InClub), Min = 5, In = 10 }] });
        Assert.InRange(shared.Count(IsInClub), 5, 10);
        var boosted = await PageAsync(new() { Rules = [], Boosts = [new() { Filter = Filter(Fast), Factor = 10 }] });
        Assert.All(boosted, i => Assert.True(IsFast(i)));
        Assert.InRange((await PageAsync(new() { Rules = [] })).Count(IsFast), 1, 9);
        Assert.All(await PageAsync(new() { Rules = [], Boosts = [new() { Filter = Filter(InClub), Factor = 10 }] }), i => Assert.True(IsInClub(i)));
    }

    private static ItemDocument[] Items(int count) => [.. SampleCatalogue.Items(count).Select((item, i) => item with
    {
        Features = i % 7 == 0 ? null : new Dictionary<string, double> { ["loudness"] = i, ["tempo"] = 118 + (i % 4) },
        CommunityIds = i % 3 == 0 ? ["other", "club"] : ["other"],
    })];

    private static bool IsFast(ItemDocument item) => item.Features?["tempo"] >= 120;

    private static bool IsInClub(ItemDocument item) => item.CommunityIds.Contains("club");

    private static IEnumerable<string> IdsOf(ItemDocument[] items, Func<ItemDocument, bool> predicate) => items.Where(predicate).Select(i => i.ItemId).Order();

    private static async Task<IEnumerable<string>> ShownAsync(TestNode node, object filter)
    {
        var page = await node.PageAsync("u1", c => c with { Scene = "s", PageSize = 100, Filter = JsonSerializer.SerializeToUtf8Bytes(filter) });
        return page.Items.Select(i => i.ItemId).Order();
    }

    private static JsonElement Filter(object filter) => JsonSerializer.SerializeToElement(filter);
}
