using System.Text.Json;
using KgOrleans.Grains.Recommend;
using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
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
            kept[method] = string.Join(' ', (await KeptAsync(
                items, new SceneDocument { Scene = "s", PreRank = Narrow with { Diversity = method, Theta = 0.2 } })).Select(i => i.ItemId));
        Assert.Equal(string.Join(' ', items.Take(20).Select(i => i.ItemId)), kept[DiversityMethod.None]);
        Assert.Equal(kept.Count, kept.Values.Distinct().Count());
    }

    [Fact]
    public async Task The_scenes_kind_share_mixes_kinds()
    {
        var items = SampleCatalogue.Items(200);
        async Task<string> KeptWithAsync(PreRankSettings preRank) =>
            string.Join(' ', (await KeptAsync(items, new SceneDocument { Scene = "s", PreRank = preRank with { Theta = 0.6 } })).Select(i => i.ItemId));
        var usual = await KeptWithAsync(Narrow);
        Assert.Equal(usual, await KeptWithAsync(Narrow with { KindShare = 0.1 }));
        Assert.NotEqual(usual, await KeptWithAsync(Narrow with { KindShare = 1 }));
        Assert.NotEqual(usual, await KeptWithAsync(Narrow with { KindShare = 0 }));
    }

    [Fact]
    public async Task The_best_of_each_channel_go_on_whatever_their_score_and_a_creator_has_no_more_of_them_than_of_others()
    {
        var items = SampleCatalogue.Items(400, creators: 400).Select((item, i) => i is 390 or 391 or 392 ? item with { CreatorId = "star" } : item).ToArray();
        var scene = new SceneDocument
        {
            Scene = "s",
            Recall = new()
            {
                Region = new() { Quota = 100, MinKeep = 3 },
                Social = new() { Quota = 100, MinKeep = 2 },
                Hot = new() { Quota = 100, MinKeep = 0 }
            },
            PreRank = Narrow with { DiversePicks = 64, Keep = 30, CreatorCap = 2 },
        };
        var channels = new Dictionary<int, (RecallChannel Channel, float Score)>
        {
            [390] = (RecallChannel.Region, 9),
            [391] = (RecallChannel.Region, 8),
            [392] = (RecallChannel.Region, 7),
            [393] = (RecallChannel.Region, 6),
            [394] = (RecallChannel.Region, 5),
            [395] = (RecallChannel.Social, 1),
            [396] = (RecallChannel.Social, 1),
            [397] = (RecallChannel.Social, 1),
            [398] = (RecallChannel.Hot, 1),
        };
        var kept = (await KeptAsync(items, scene, channels)).Select(i => Array.IndexOf(items, i)).ToArray();
        Assert.Equal(30, kept.Length);
        // The third of the star's is one too many: the channel's next best takes its place. Of equal scores the better pre-ranked come first; a channel that
        // keeps nothing is decoration.
        Assert.Equal([390, 391, 393, 395, 396], kept.Where(i => i >= 390).Order());
    }

    private static async Task<ItemDocument[]> KeptAsync(
        ItemDocument[] items, SceneDocument scene, Dictionary<int, (RecallChannel Channel, float Score)>? channels = null)
    {
        var candidates = StageBench.Candidates(items);
        foreach (var (index, (channel, score)) in channels ?? [])
            candidates.Candidates[index].ChannelScores[(int)channel] = score;
        using var pool = new ScoringPool(Options.Create(new ScoringOptions()));
        var kept = await new PreRankStage(pool).RunAsync(StageBench.Request(scene), candidates, default);
        var byKey = items.ToDictionary(i => Key64.Of(i.ItemId));
        Assert.Equal(kept.Candidates.Select(c => c.Key), kept.Block.Rows.ToArray().Select(r => r.Key));
        return [.. kept.Candidates.Select(c => byKey[c.Key])];
    }
}
