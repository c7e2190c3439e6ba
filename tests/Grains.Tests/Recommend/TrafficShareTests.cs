using System.Text.Json;
using KgOrleans.Grains.Recommend;
using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class TrafficShareTests
{
    private static readonly JsonElement Live = JsonSerializer.SerializeToElement(new { field = "kind", eq = "live" });

    private static readonly SceneDocument Scene = new()
    {
        Scene = "s",
        Traffic = [new() { Filter = Live, Share = new() { Least = 0.1, Most = 0.1 } }],
        PreRank = new() { DiversePicks = 20, Keep = 40 },
        FineRank = new() { Keep = 40 },
    };

    [Theory]
    [InlineData(0.03)]
    [InlineData(0.4)]
    public async Task A_class_with_a_share_of_a_tenth_has_it_over_two_thousand_pages_whatever_its_natural_share(double natural)
    {
        using var bench = new StageBench();
        using var pool = new ScoringPool(Options.Create(new ScoringOptions()));
        var preRank = new PreRankStage(pool);
        var (free, held, broken) = (0, 0, 0);
        var random = new Random(7);
        for (var page = 0; page < 2_000; page++)
        {
            var items = SampleCatalogue.Items(150, seed: page, creators: 40, songs: 60);
            for (var i = 0; i < items.Length; i++)
                items[i] = items[i] with { Kind = random.NextDouble() < natural ? ItemKind.Live : ItemKind.Video };
            // The natural share of every tenth page is enough to tell it.
            if (page % 10 == 0)
                free += (await ServeAsync(Scene with { Traffic = [] }, items)).Order.Count(IsLive);
            var served = await ServeAsync(Scene, items);
            held += served.Order.Count(IsLive);
            broken += served.Order.Zip(served.Order.Skip(1), (a, b) => items[a].CreatorId == items[b].CreatorId ? 1 : 0).Sum();

            bool IsLive(int row) => items[row].Kind == ItemKind.Live;
        }
        Assert.InRange(free / 2_000.0, natural * 0.6, natural * 1.4);
        Assert.InRange(held / 20_000.0, 0.09, 0.11);
        Assert.Equal(0, broken);

        async Task<Page> ServeAsync(SceneDocument scene, ItemDocument[] items)
        {
            var request = StageBench.Request(scene);
            var candidates = StageBench.Candidates(items);
            var kept = await preRank.RunAsync(request, candidates, default);
            var page = await bench.PageAsync(request, kept);
            bench.Traffic.Record(request.Scene, page);
            var rows = StageBench.Ids(page).Select(id => int.Parse(id.AsSpan(1)));
            return page with { Order = [.. rows] };
        }
    }

    [Fact]
    public async Task Pre_ranking_keeps_candidates_of_a_class_and_others_beside_it_so_that_its_share_can_be_held()
    {
        var items = SampleCatalogue.Items(400, creators: 400);
        for (var i = 0; i < items.Length; i++)
            items[i] = items[i] with { Kind = i < 395 ? ItemKind.Video : ItemKind.Live };
        Assert.Equal(0, await LiveAsync([]));
        // A tenth of 40 places.
        Assert.Equal(4, await LiveAsync([new() { Filter = Live, Share = new() { Least = 0.1 } }]));
        var video = JsonSerializer.SerializeToElement(new { field = "kind", eq = "video" });
        Assert.Equal(4, await LiveAsync([new() { Filter = video, Share = new() { Most = 0.9 } }]));

        async Task<int> LiveAsync(TrafficClass[] traffic)
        {
            using var pool = new ScoringPool(Options.Create(new ScoringOptions()));
            var kept = await new PreRankStage(pool).RunAsync(StageBench.Request(Scene with { Traffic = traffic }), StageBench.Candidates(items), default);
            return kept.Block.Rows.ToArray().Count(r => r.Kind == ItemKind.Live);
        }
    }

    [Fact]
    public async Task A_scene_that_changes_other_settings_keeps_its_counts_and_one_that_changes_its_classes_starts_anew()
    {
        using var bench = new StageBench();
        Assert.Equal((0, null), await WindowAsync(Scene));
        Assert.Equal((10, 0.1), await WindowAsync(Scene with { DeadlineMs = 500 }));
        var share = new TrafficShare { Least = 0.2 };
        Assert.Equal((20, 0.1), await WindowAsync(Scene with { Traffic = [new() { Filter = Live, Share = share }] }));
        var other = JsonSerializer.SerializeToElement(new { field = "kind", eq = "video" });
        Assert.Equal((0, null), await WindowAsync(Scene with { Traffic = [new() { Filter = other, Share = share }] }));

        async Task<(int, double?)> WindowAsync(SceneDocument scene)
        {
            var request = StageBench.Request(scene);
            var page = await bench.PageAsync(request, StageBench.Candidates(SampleCatalogue.Items(150)));
            bench.Traffic.Record(request.Scene, page);
            var report = page.Traffic!.Report(request.Scene)[0];
            return (report.Positions, report.Share);
        }
    }
}
