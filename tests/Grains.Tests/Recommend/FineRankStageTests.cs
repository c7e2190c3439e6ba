using KgOrleans.Grains.Scoring;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.TestSupport.Onnx;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>Rankers of several kinds serve a page; one that is broken, late or has no room costs its scores, never the page.</summary>
[Trait("Suite", "Unit")]
public sealed class FineRankStageTests
{
    private static readonly SceneDocument Plain = new() { Scene = "s", ReRank = new ReRankSettings { Diversity = DiversityMethod.None, Rules = [] } };

    public static TheoryData<Fault, DiversityMethod> Faults { get; } = new(
        Enum.GetValues<Fault>().SelectMany(f => Enum.GetValues<DiversityMethod>().Select(m => (f, m))));

    public enum Fault
    {
        Failing,
        Late,
        Overloaded,
        NeverFinite,
        NoObjective,
    }

    [Fact]
    public async Task Candidates_whose_score_is_not_finite_are_dropped_counted_and_reported()
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.NotANumberAbove(0.9f), "item_dense");
        using var model = ModelBundle.Load(copy.Folder);
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(200);
        var request = StageBench.Request(Plain, model, change: c => c with { PageSize = 100 });
        var page = await bench.PageAsync(request, StageBench.Candidates(items));

        var dropped = items.Count(i => (float)i.Quality! > 0.9f);
        Assert.InRange(dropped, 5, 50);
        Assert.Contains(request.Clock.Degraded, d =>
            d is { Stage: "fineRank", Reason: "notFinite" } && d.Detail.StartsWith($"{dropped} candidates", StringComparison.Ordinal));
        Assert.Equal(dropped, request.Clock.Stages.Single(s => s.Stage == "fineRank").Dropped!["notFinite"]);
        // The others stand in the ranker's order: the less quality, the better.
        var quality = items.ToDictionary(i => i.ItemId, i => i.Quality!.Value);
        Assert.Equal(items.Where(i => (float)i.Quality! <= 0.9f).OrderBy(i => i.Quality).ThenBy(i => Key64.Of(i.ItemId)).Take(100).Select(i => i.Quality),
            StageBench.Ids(page).Select(id => (double?)quality[id]));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("trees")]
    [InlineData("deep")]
    public async Task Every_kind_of_ranker_orders_a_page(string kind)
    {
        using var copy = new BundleCopy();
        _ = kind switch
        {
            "linear" => copy.Set("ranker.onnx", "ranker", RankerGraphs.Linear(), "item_dense", "cross"),
            "trees" => copy.Set("ranker.onnx", "ranker", RankerGraphs.Trees(), "item_dense"),
            _ => copy.Set("ranker.onnx", "ranker", RankerGraphs.Deep(16), "user_dense", "item_dense"),
        };
        using var model = ModelBundle.Load(copy.Folder);
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(150);
        var request = StageBench.Request(Plain, model);
        var page = await bench.PageAsync(request, StageBench.Candidates(items));
        Assert.Empty(request.Clock.Degraded);
        Assert.Equal(page.Order.Select(i => page.Ranked.Fused[i]), page.Ranked.Fused.OrderDescending().Take(10));
        Assert.All(page.Ranked.Probabilities, p => Assert.InRange(p, 0, 1));
        if (kind == "trees")
            Assert.All(page.Order, i => Assert.True(page.Ranked.Block.Rows[i].Quality > 0.8f));
        if (kind == "linear")
            Assert.Equal(items.Select(i => i.Quality).OrderDescending().Take(10), page.Order.Select(i => items[i].Quality));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task When_the_ranker_cannot_run_pre_rank_order_stands_with_diversity_and_rules(Fault fault, DiversityMethod method)
    {
        using var copy = new BundleCopy();
        if (fault == Fault.NeverFinite)
            copy.Set("ranker.onnx", "ranker", RankerGraphs.NotANumberAbove(0.0001f), "item_dense");
        using var model = ModelBundle.Load(copy.Folder);
        using var closed = new ScoringPool(Options.Create(new ScoringOptions()));
        closed.Dispose();
        using var bench = new StageBench { RankerPool = fault == Fault.Overloaded ? closed : null };
        if (fault == Fault.Failing)
            model.Dispose();
        var unknown = new FineRankSettings { Fusion = new FusionSettings { Product = new Dictionary<string, double> { ["gift"] = 1 } } };
        var scene = Plain with { ReRank = new ReRankSettings { Diversity = method }, FineRank = fault == Fault.NoObjective ? unknown : new() };
        var items = SampleCatalogue.Items(150).Where(i => i.Quality > 0.01).ToArray();
        var request = StageBench.Request(scene, model);
        var page = await bench.PageAsync(request, StageBench.Candidates(items), rankerBudget: new CancellationToken(fault == Fault.Late));

        var reason = fault switch
        {
            Fault.Failing => "rankerFailed",
            Fault.Late => "timeout",
            Fault.Overloaded => "overloaded",
            Fault.NeverFinite => "notFinite",
            _ => "noObjective",
        };
        Assert.Contains(request.Clock.Degraded, d => d.Stage == "fineRank" && d.Reason == reason);
        Assert.Equal(10, page.Order.Count);
        Assert.Empty(page.Ranked.Probabilities);
        Assert.Equal(Enumerable.Range(0, items.Length), page.Ranked.Order);
        for (var i = 1; i < page.Order.Count; i++)
        {
            Assert.NotEqual(items[page.Order[i - 1]].CreatorId, items[page.Order[i]].CreatorId);
            Assert.NotEqual(items[page.Order[i - 1]].SongId, items[page.Order[i]].SongId);
        }
        // Diversity looks further down than relevance alone, which takes the first items that the rules allow.
        Assert.Equal(method is not DiversityMethod.None, page.Items.Any(w => w.Gain is not null));
        Assert.Equal(method is DiversityMethod.None, page.Order.Max() < 20 && page.Order[0] == 0 && page.Items.All(w => w.Gain is null));
    }

    [Fact]
    public async Task Boosts_multiply_the_score_that_orders_and_leave_the_fused_score_alone()
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.Linear(), "item_dense", "cross");
        using var model = ModelBundle.Load(copy.Folder);
        using var bench = new StageBench();
        var items = SampleCatalogue.Items(150);
        var video = System.Text.Json.JsonSerializer.SerializeToElement(new { field = "kind", eq = "video" });
        var boosted = Plain with { ReRank = Plain.ReRank with { Boosts = [new Boost { Filter = video, Factor = 9 }] } };
        var page = await bench.PageAsync(StageBench.Request(boosted, model), StageBench.Candidates(items));
        Assert.Equal(items.Where(i => i.Kind == ItemKind.Video).OrderByDescending(i => i.Quality).Take(10).Select(i => i.ItemId), StageBench.Ids(page));
        Assert.All(page.Ranked.Fused, f => Assert.InRange(f, 0, 1));
    }
}
