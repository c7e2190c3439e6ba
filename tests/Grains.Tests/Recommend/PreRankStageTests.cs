using System.Text.Json;
using KgOrleans.Grains.Configuration;
using KgOrleans.Grains.Recommend;
using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>The first diversity step: a scene's method and traffic classes decide what goes on to fine ranking.</summary>
[Trait("Suite", "Unit")]
public sealed class PreRankStageTests
{
    private static readonly PreRankSettings Narrow = new() { DiversePicks = 20, Keep = 20, CreatorCap = 100 };

    [Fact]
    public async Task A_class_of_little_traffic_yields_its_places_to_others()
    {
        var items = SampleCatalogue.Items(200);
        async Task<int> VideosAsync(double weight)
        {
            TrafficClass[] traffic = [new() { Filter = JsonSerializer.SerializeToElement(new { field = "kind", eq = "video" }), Weight = weight }];
            return (await KeptAsync(items, new SceneDocument { Scene = "s", PreRank = Narrow, Traffic = traffic })).Count(i => i.Kind == ItemKind.Video);
        }
        var (little, usual, much) = (await VideosAsync(0.01), await VideosAsync(1), await VideosAsync(10));
        Assert.True(little < usual && usual < much, $"{little}, {usual}, {much} videos");
    }

    [Fact]
    public async Task Without_diversity_the_best_scores_stay_and_every_method_keeps_its_own()
    {
        var items = SampleCatalogue.Items(200);
        var kept = new Dictionary<DiversityMethod, string>();
        foreach (var method in Enum.GetValues<DiversityMethod>())
            kept[method] = string.Join(' ', (await KeptAsync(items, new SceneDocument { Scene = "s", PreRank = Narrow with { Diversity = method, Theta = 0.2 } })).Select(i => i.ItemId));
        Assert.Equal(string.Join(' ', items.Take(20).Select(i => i.ItemId)), kept[DiversityMethod.None]);
        Assert.Equal(kept.Count, kept.Values.Distinct().Count());
    }

    private static async Task<ItemDocument[]> KeptAsync(ItemDocument[] items, SceneDocument scene)
    {
        using var pool = new ScoringPool(Options.Create(new KgOptions()));
        var kept = await new PreRankStage(pool, new DppWorkspaces()).RunAsync(StageBench.Request(scene), StageBench.Candidates(items), default);
        var byKey = items.ToDictionary(i => ItemKey.Of(i.ItemId));
        Assert.Equal(kept.Candidates.Select(c => c.Key), kept.Block.Rows.ToArray().Select(r => r.Key));
        return [.. kept.Candidates.Select(c => byKey[c.Key])];
    }
}
