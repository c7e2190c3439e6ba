using System.Text.Json;
using KgOrleans.Grains.Recommend;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;
using KgOrleans.TestSupport.Onnx;

namespace KgOrleans.Grains.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class ReRankStageTests
{
    private static readonly SceneDocument Plain = new() { Scene = "s", ReRank = new ReRankSettings { Diversity = DiversityMethod.None, Rules = [] } };

    [Fact]
    public async Task A_list_wise_re_ranker_orders_the_list_when_the_scene_asks_for_it()
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.Linear(), "item_dense", "cross")
            .Set("reranker.onnx", "reRanker", RankerGraphs.Reversing(), "item_dense");
        using var model = ModelBundle.Load(copy.Folder);
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(150);
        var scene = Plain with { FineRank = new FineRankSettings { Keep = 50 } };
        var asked = await bench.PageAsync(StageBench.Request(scene with { ReRank = scene.ReRank with { ListWise = true } }, model),
            StageBench.Candidates(items));
        var kept = items.OrderByDescending(i => i.Quality).Take(50).ToArray();
        Assert.Equal(kept.Reverse().Take(10).Select(i => i.Quality), asked.Order.Select(i => items[i].Quality));
        Assert.Equal(50, asked.ListWise!.Count(x => !float.IsNaN(x)));
        var plain = await bench.PageAsync(StageBench.Request(scene, model), StageBench.Candidates(items));
        Assert.Equal(kept.Take(10).Select(i => i.Quality), plain.Order.Select(i => items[i].Quality));
        Assert.Null(plain.ListWise);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_list_wise_re_ranker_fails_the_fine_order_stands_and_the_page_says_so(bool notFinite)
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.Linear(), "item_dense", "cross")
            .Set("reranker.onnx", "reRanker", RankerGraphs.Reversing(notFinite ? float.NaN : 1), "item_dense");
        using var model = ModelBundle.Load(copy.Folder);
        if (!notFinite)
            model.ReRanker!.Dispose();
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(150);
        var request = StageBench.Request(Plain with { ReRank = Plain.ReRank with { ListWise = true } }, model);
        var page = await bench.PageAsync(request, StageBench.Candidates(items));
        Assert.Contains(request.Clock.Degraded, d => d is { Stage: "reRank", Reason: "reRankerFailed" });
        Assert.Equal(items.Select(i => i.Quality).OrderDescending().Take(10), page.Order.Select(i => items[i].Quality));
    }

    [Fact]
    public async Task Rules_by_filter_minimum_shares_and_pins_hold_and_what_gives_way_is_reported()
    {
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(120);
        var candidates = StageBench.Candidates(items);
        // Two items that nobody would see are what the fresh channel knows.
        foreach (var i in (int[])[100, 110])
            candidates.Candidates[i].ChannelScores[(int)RecallChannel.Hot] = 1;
        var live = JsonSerializer.SerializeToElement(new { field = "kind", eq = "live" });
        var scene = Plain with
        {
            ReRank = Plain.ReRank with
            {
                Rules = [new WindowRule { Filter = live, Max = 1, In = 5 }],
                Shares = [new ShareRule { Channel = RecallChannel.Hot, Min = 1, In = 5 }, new ShareRule { Channel = RecallChannel.Index, Min = 1, In = 10 }],
                Pins = [new Pin("w90", 3), new Pin("nowhere", 4), new Pin("w91", 40)],
            },
        };
        var page = await bench.PageAsync(StageBench.Request(scene), candidates);
        Assert.Equal("w90", StageBench.Ids(page)[3]);
        Assert.True(page.Items[3].IsPinned);
        for (var i = 0; i + 5 <= 10; i++)
            Assert.InRange(page.Order.Skip(i).Take(5).Count(c => items[c].Kind == ItemKind.Live), 0, 1);
        Assert.Contains(100, page.Order.Take(5));
        Assert.Contains(110, page.Order.Skip(5));
        Assert.True(page.Items[page.Order.IndexOf(100)].IsPromoted);
        Assert.Equal(new Dictionary<string, int> { ["min 1 of index in 10"] = 1, ["pin nowhere at 4"] = 1, ["pin w91 at 40"] = 1 }, page.Relaxed);
    }

    [Fact]
    public async Task Pins_are_for_the_first_page()
    {
        using var bench = new StageBench();
        var scene = Plain with { ReRank = Plain.ReRank with { Pins = [new Pin("w50", 0)] } };
        var page = new PageState(Key64.Of("u1"), Key64.Of("s"), 1, StageBench.Now, 0, [1]);
        Assert.Equal("w50", StageBench.Ids(await bench.PageAsync(StageBench.Request(scene), StageBench.Candidates(SampleCatalogue.Items(60))))[0]);
        var second = await bench.PageAsync(StageBench.Request(scene, page: page), StageBench.Candidates(SampleCatalogue.Items(60)));
        Assert.Equal("w0", StageBench.Ids(second)[0]);
        Assert.Empty(second.Relaxed);
    }

    [Theory]
    [InlineData(DiversityMethod.Dpp)]
    [InlineData(DiversityMethod.Mmr)]
    [InlineData(DiversityMethod.Scatter)]
    [InlineData(DiversityMethod.None)]
    public async Task A_class_with_more_traffic_has_more_of_the_page(DiversityMethod method)
    {
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(120);
        var settings = Plain.ReRank with { Diversity = method };
        var traffic = new TrafficClass { Filter = JsonSerializer.SerializeToElement(new { field = "kind", eq = "live" }), Weight = 6 };
        async Task<int> LiveAsync(SceneDocument scene) =>
            (await bench.PageAsync(StageBench.Request(scene), StageBench.Candidates(items))).Order.Count(i => items[i].Kind == ItemKind.Live);
        Assert.True(await LiveAsync(Plain with { ReRank = settings, Traffic = [traffic] }) > await LiveAsync(Plain with { ReRank = settings }));
    }

    [Fact]
    public async Task Exploring_pages_say_with_what_probability_they_drew_and_equal_seeds_draw_equal_pages()
    {
        using var bench = new StageBench();
        var candidates = StageBench.Candidates(SampleCatalogue.Items(60));
        var scene = Plain with { Exploration = new ExplorationSettings { Share = 1, Temperature = 0.5 } };
        Task<Page> PageAsync(long seed, PageState? page = null) =>
            bench.PageAsync(StageBench.Request(scene, page: page, change: c => c with { Seed = seed }), candidates);
        var first = await PageAsync(7);
        // Without diversity and rules the page is the draw, and its propensities are those of its positions.
        var order = new int[60];
        var drawn = new double[60];
        Exploration.Draw(7, 0, [.. candidates.Candidates.Select(c => c.Key)], [.. candidates.Candidates.Select(c => c.Relevance)], 0.5, order, drawn);
        Assert.Equal(order.Take(10), first.Order);
        Assert.Equal(drawn.Take(10), first.Order.Select(i => first.Propensities![i]));
        Assert.Equal(first.Order, (await PageAsync(7)).Order);
        Assert.NotEqual(first.Order, (await PageAsync(8)).Order);
        // A chain keeps the seed of its first page, whatever the caller says later, and draws each page anew.
        var chain = new PageState(Key64.Of("u1"), Key64.Of("s"), 1, StageBench.Now, 7, [1]);
        Assert.Equal((await PageAsync(9, chain)).Order, (await PageAsync(10, chain)).Order);
        Assert.NotEqual(first.Order, (await PageAsync(7, chain)).Order);
    }

    [Fact]
    public async Task A_scenes_share_of_requests_explores_and_the_others_are_not_touched()
    {
        using var bench = new StageBench();
        var candidates = StageBench.Candidates(SampleCatalogue.Items(30));
        var scene = Plain with { Exploration = new ExplorationSettings { Share = 0.25, Temperature = 0.5 } };
        var explored = 0;
        for (var r = 0; r < 400; r++)
        {
            var page = await bench.PageAsync(StageBench.Request(scene, change: c => c with { RequestId = $"r{r}", DryRun = false }), candidates);
            explored += page.Propensities is null ? 0 : 1;
            if (page.Propensities is null)
                Assert.Equal(Enumerable.Range(0, 10), page.Order);
        }
        // Four standard deviations of a binomial count of 400 at 0.25.
        Assert.InRange(explored, 65, 135);
        // A dry run without a seed always answers the same.
        var once = await bench.PageAsync(StageBench.Request(scene, change: c => c with { RequestId = "a" }), candidates);
        var again = await bench.PageAsync(StageBench.Request(scene, change: c => c with { RequestId = "b" }), candidates);
        Assert.Equal(once.Order, again.Order);
    }
}
