using System.Text.Json;
using KgOrleans.Grains.Recommend;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>Rules and diversity look back over pages and the session.</summary>
[Trait("Suite", "Unit")]
public sealed class ServedContextTests
{
    private static readonly JsonElement Live = JsonSerializer.SerializeToElement(new { field = "kind", eq = "live" });

    private static readonly SceneDocument Scene = new()
    {
        Scene = "s",
        ReRank = new ReRankSettings { Window = 3, Rules = [new() { Field = "creatorId", Max = 1, In = 4 }, new() { Filter = Live, Max = 1, In = 4 }] },
    };

    [Fact]
    public void The_session_stands_before_what_the_chain_served_and_each_work_stands_once()
    {
        ulong[] served = [Key64.Of("w2"), Key64.Of("w3")];
        var page = new PageState(0, 0, 1, 0, 0, served);
        Assert.Equal([Key64.Of("w1"), .. served], ServedContext.KeysOf(StageBench.Request(Scene, page: page, session: ["w0", "w2", "w1", "w3"])));
        Assert.Equal(Key64.OfAll(["w1", "w2", "w3"]), ServedContext.KeysOf(StageBench.Request(Scene, session: ["w0", "w1", "w2", "w3"])));
        Assert.Empty(ServedContext.KeysOf(StageBench.Request(Scene)));
    }

    [Fact]
    public async Task A_first_page_obeys_the_rules_against_what_the_session_showed_last()
    {
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(60);
        var shown = SampleCatalogue.Items(3, seed: 9).Select(i => i with { ItemId = "x" + i.ItemId, CreatorId = items[0].CreatorId }).ToArray();
        var request = StageBench.Request(Scene, session: shown.Select(i => i.ItemId));
        var page = await bench.PageAsync(request, StageBench.Candidates(items), ItemColumns.Block(shown, 32, 0));
        Assert.All(page.Order.Take(3), i => Assert.NotEqual(items[0].CreatorId, items[i].CreatorId));
        Assert.Contains(await bench.PageAsync(StageBench.Request(Scene), StageBench.Candidates(items)) is var free ? free.Order.Take(3) : [], i =>
            items[i].CreatorId == items[0].CreatorId);
    }

    [Fact]
    public async Task Deleting_all_that_was_served_changes_nothing_that_the_rules_say()
    {
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(200, creators: 6);
        var live = items.Select((item, i) => (item, i)).Where(x => x.item.Kind == ItemKind.Live).Select(x => x.i).ToHashSet();
        // Pages of one item, each of which is gone when the next is asked for.
        PageState? state = null;
        var served = new List<int>();
        for (var n = 0; n < 40; n++)
        {
            var left = Enumerable.Range(0, items.Length).Except(served).ToArray();
            var request = StageBench.Request(Scene, page: state, change: c => c with { PageSize = 1 });
            var page = await bench.PageAsync(request, StageBench.Candidates([.. left.Select(i => items[i])]));
            Assert.Empty(page.Relaxed);
            served.Add(left[page.Order[0]]);
            var tail = StageBench.ContextOf(request).NextTail(request, page);
            Assert.Equal(Math.Min(3, n + 1), tail.Length);
            state = new PageState(0, 0, 1, 0, 0, Key64.OfAll([.. served.Select(i => items[i].ItemId)])) { RulesKey = request.Scene.Rules.Key, Tail = tail };
            Assert.True(PageState.TryDecode(state.Encode(), out state));
        }
        for (var n = 0; n + 4 <= served.Count; n++)
        {
            var window = served.Skip(n).Take(4).ToArray();
            Assert.Equal(4, window.Select(i => items[i].CreatorId).Distinct().Count());
            Assert.InRange(window.Count(live.Contains), 0, 1);
        }
    }

    [Fact]
    public void Bits_of_other_rules_are_not_trusted()
    {
        var item = new ItemDocument { ItemId = "w1", CreatorId = "c1", Kind = ItemKind.Live };
        var served = new PageState(0, 0, 1, 0, 0, [Key64.Of("w1")]) { RulesKey = 99, Tail = [new RuleItem(1, 2, ItemKind.Audio, 0xFF)] };
        var request = StageBench.Request(Scene, page: served);
        // Gone: creator and song of the token still hold, its bits do not. There: what the item is says them again.
        Assert.Equal([new RuleItem(1, 2, ItemKind.Audio, 0)], StageBench.ContextOf(request).Items);
        Assert.Equal([new RuleItem(1, 2, ItemKind.Audio, 0b10)], StageBench.ContextOf(request, ItemColumns.Block([item], 32, 0)).Items);
        var same = StageBench.Request(Scene, page: served with { RulesKey = request.Scene.Rules.Key });
        Assert.Equal([new RuleItem(1, 2, ItemKind.Audio, 0xFF)], StageBench.ContextOf(same).Items);
    }
}
