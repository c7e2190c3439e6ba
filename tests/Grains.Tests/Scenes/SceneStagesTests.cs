using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;
using KgOrleans.Ranking.Users;
using KgOrleans.TestSupport.Onnx;

namespace KgOrleans.Grains.Tests.Scenes;

/// <summary>Settings of a scene through a real silo, from the write of the scene to the page.</summary>
[Trait("Suite", "Cluster")]
public sealed class SceneStagesTests
{
    private static readonly SceneDocument Plain = new() { Scene = "s" };

    [Fact]
    public async Task A_creator_has_at_most_so_many_items_as_the_scene_allows_and_the_stage_says_what_it_dropped()
    {
        await using var node = await StartAsync(Plain with { Discovery = new() { CreatorCap = 2 } }, SampleCatalogue.Items(90, creators: 3));
        var page = await PageAsync(node, c => c with { PageSize = 100 });
        Assert.Equal(6, page.Items.Length);
        Assert.Equal(84, page.Funnel!.Stages.Single(s => s.Stage == "hydrate").Dropped!["creatorCap"]);
    }

    [Fact]
    public async Task A_class_of_no_traffic_is_not_admitted_by_any_channel_or_pin()
    {
        var items = SampleCatalogue.Items(90);
        var video = items.First(i => i.Kind == ItemKind.Video).ItemId;
        var scene = Plain with
        {
            Traffic = [new() { Filter = Filter(new { field = "kind", eq = "video" }), Weight = 0 }],
            ReRank = new() { Pins = [new Pin(video, 0)] },
        };
        await using var node = await StartAsync(scene, items);
        var page = await PageAsync(node, c => c with { PageSize = 100 });
        var videos = items.Count(i => i.Kind == ItemKind.Video);
        Assert.Equal(90 - videos, page.Items.Length);
        Assert.Equal(videos, page.Funnel!.Dropped["admission"]);
        Assert.Equal(1, page.Funnel.RelaxedRules[$"pin {video} at 0"]);
    }

    [Fact]
    public async Task Served_pages_count_for_traffic_shares_and_dry_runs_do_not()
    {
        var items = SampleCatalogue.Items(150, creators: 60, songs: 60);
        var share = new TrafficShare { Least = 0.25, Most = 0.25 };
        await using var node = await StartAsync(
            Plain with { Traffic = [new() { Filter = Filter(new { field = "kind", eq = "video" }), Share = share }] }, items);
        var dry = await PageAsync(node, c => c with { DryRun = true, PageSize = 10 });
        Assert.Equal(new TrafficReport(0.25, 0.25, null, 0, 2, 3, VideosOn(dry)), Assert.Single(dry.Funnel!.Traffic));
        var again = await PageAsync(node, c => c with { DryRun = true, PageSize = 10 });
        Assert.Equal(dry.Items.Select(i => i.ItemId), again.Items.Select(i => i.ItemId));
        var (videos, positions) = (0, 0);
        for (var page = 0; page < 8; page++)
        {
            var served = await PageAsync(node, c => c with { DryRun = false, PageSize = 10 });
            Assert.Equal(positions, served.Funnel!.Traffic[0].Positions);
            (videos, positions) = (videos + VideosOn(served), positions + served.Items.Length);
        }
        Assert.Equal((20, 80), (videos, positions));

        int VideosOn(RecommendAnswer answer) => answer.Items.Count(i => items.Single(x => x.ItemId == i.ItemId).Kind == ItemKind.Video);
    }

    [Fact]
    public async Task A_pin_stands_where_it_is_pinned_though_no_channel_finds_it_unless_it_is_seen_hidden_or_gone()
    {
        var items = SampleCatalogue.Items(120);
        var pinned = items.Where(i => i.Tags[0] == "folk").Take(4).Select(i => i.ItemId).ToArray();
        var off = new ChannelSettings { Quota = 0 };
        var scene = Plain with
        {
            Recall = new() { Index = new() { Quota = 100 }, Model = off, Hot = new() { Quota = 0 }, Social = off, Fresh = off, Region = off, Continue = off },
            ReRank = new() { Pins = [.. pinned.Select((id, i) => new Pin(id, 2 * i))] },
        };
        await using var node = await StartAsync(scene, items);
        await node.PutUserAsync(SampleUsers.Fan("u1", "rock"));
        await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = pinned[1], Type = EventType.Impression });
        await node.WriteAsync(WriteOperation.Patch, pinned[2], """{"hidden":true}""");
        await node.WriteAsync(WriteOperation.Delete, pinned[3]);
        var page = await PageAsync(node);
        Assert.Equal(10, page.Items.Length);
        var first = page.Items[0];
        Assert.Equal((pinned[0], true), (first.ItemId, first.Placement!.Pinned));
        Assert.Empty(first.Channels);
        Assert.All(page.Items.Skip(1), i => Assert.Equal(["index"], i.Channels));
        Assert.Equal(
            pinned.Skip(1).Select((id, i) => $"pin {id} at {(2 * i) + 2}").Order(),
            page.Funnel!.RelaxedRules.Keys.Where(k => k.StartsWith("pin", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task A_pin_beyond_the_last_item_of_a_short_page_is_reported()
    {
        await using var node = await StartAsync(Plain with { ReRank = new() { Pins = [new Pin("w3", 8)] } }, SampleCatalogue.Items(5));
        var page = await PageAsync(node);
        Assert.Equal(5, page.Items.Length);
        Assert.Equal(1, page.Funnel!.RelaxedRules["pin w3 at 8"]);
    }

    [Fact]
    public async Task Items_that_the_session_showed_count_for_the_rules_of_the_next_page()
    {
        var items = SampleCatalogue.Items(60, creators: 3, songs: 1_000);
        var reRank = new ReRankSettings { Diversity = DiversityMethod.None, Rules = [new() { Field = "creatorId", Max = 1, In = 3 }] };
        await using var node = await StartAsync(Plain with { ReRank = reRank }, items);
        await node.RecordAsync([.. items.Where(i => i.CreatorId == "c0").Take(1).Concat(items.Where(i => i.CreatorId == "c1").Take(1)).Select((i, n) =>
            new UserEvent { UserId = "u1", ItemId = i.ItemId, Type = EventType.Impression, Timestamp = DateTimeOffset.UtcNow.AddMinutes(n - 5) })]);
        var page = await PageAsync(node);
        // After one of c0 and one of c1 only c2 may follow, then c0 again.
        Assert.Equal(["c2", "c0", "c1", "c2"], page.Items.Take(4).Select(i => items.Single(d => d.ItemId == i.ItemId).CreatorId));
        Assert.Empty(page.Funnel!.RelaxedRules);
    }

    [Fact]
    public async Task Exploration_says_with_what_probability_it_drew_and_depends_on_the_seed_alone()
    {
        var scene = Plain with { Exploration = new() { Share = 1, Temperature = 1 } };
        await using var node = await StartAsync(scene, SampleCatalogue.Items(200), TestNode.WithModel());
        Task<RecommendAnswer> SeededAsync(long seed) => PageAsync(node, c => c with { Seed = seed, Now = 1_800_000_000_000 });
        await node.PutSceneAsync(Plain with { Scene = "s", Exploration = new() { Share = 1, Temperature = 1 }, Discovery = new() { AgeWindowDays = 36_500 } });
        var (one, again, two) = (await SeededAsync(1), await SeededAsync(1), await SeededAsync(2));
        Assert.All(one.Items, i => Assert.InRange(i.Scores.Propensity!.Value, double.Epsilon, 1));
        Assert.Equal(JsonSerializer.Serialize(one.Items), JsonSerializer.Serialize(again.Items));
        Assert.NotEqual(one.Items.Select(i => i.ItemId), two.Items.Select(i => i.ItemId));

        // Real requests draw by their own ids, and their records keep the probabilities.
        var pages = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => PageAsync(node, c => c with { DryRun = false, RequestId = $"real{i}" })));
        Assert.Equal(4, pages.Select(p => string.Join(' ', p.Items.Select(i => i.ItemId))).Distinct().Count());
        var record = (await node.Grains.GetGrain<ICoordinatorGrain>(0).FindRequest("real2", default))!;
        Assert.Equal(pages[2].Items.Select(i => i.Scores.Propensity), record.Answer.Items.Select(i => i.Scores.Propensity));
    }

    [Fact]
    public async Task Fewer_items_are_ranked_while_requests_take_longer_than_the_target_and_all_again_when_it_is_lifted()
    {
        SceneDocument Targeted(double ms) => Plain with
        {
            PreRank = new() { Keep = 300 },
            FineRank = new() { Keep = 50, AdaptiveWidth = new() { TargetMs = ms, Percentile = 99, Least = 0.2 } },
        };
        var items = SampleCatalogue.Items(400, creators: 60, songs: 60);
        await using var node = await StartAsync(Targeted(1), items, TestNode.WithModel());
        // Those that warm up are counted only, then each late one takes a twentieth away.
        for (var i = 0; i <= QualityFactor.WarmUp; i += 4)
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PageAsync(node)));
        for (var i = 0; i < 20; i++)
            await PageAsync(node);

        var narrow = await PageAsync(node);
        Assert.Equal(
            "60 of 300 items were ranked, to hold 1 ms", Assert.Single(narrow.Degraded, d => d is { Stage: "fineRank", Reason: "adaptiveWidth" }).Detail);
        var stage = narrow.Funnel!.Stages.Single(s => s.Stage == "fineRank");
        Assert.Equal(narrow.Funnel.Stages.Single(s => s.Stage == "preRank").Out, stage.In);
        Assert.Equal(240, stage.Dropped!["adaptiveWidth"]);
        AssertRules(narrow, items);

        await node.PutSceneAsync(Targeted(30_000));
        var wide = await PageAsync(node);
        Assert.DoesNotContain(wide.Degraded, d => d.Reason == "adaptiveWidth");
        Assert.Equal(300, wide.Funnel!.Stages.Single(s => s.Stage == "fineRank").In);
    }

    [Fact]
    public async Task Without_a_ranker_no_item_is_lost_to_the_width_and_slow_requests_do_not_narrow_it()
    {
        var items = SampleCatalogue.Items(400, creators: 60, songs: 60);
        var scene = Plain with
        {
            PreRank = new() { Keep = 300 },
            FineRank = new() { Keep = 50, AdaptiveWidth = new() { TargetMs = 1, Percentile = 99, Least = 0.2 } },
        };
        await using var node = await StartAsync(scene, items);
        for (var i = 0; i <= QualityFactor.WarmUp; i += 4)
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PageAsync(node)));
        for (var i = 0; i < 20; i++)
            await PageAsync(node);

        var page = await PageAsync(node);
        Assert.Contains(page.Degraded, d => d is { Stage: "fineRank", Reason: "noModel" });
        Assert.DoesNotContain(page.Degraded, d => d.Reason == "adaptiveWidth");
        Assert.Equal(300, page.Funnel!.Stages.Single(s => s.Stage == "fineRank").In);
    }

    [Fact]
    public async Task A_scene_may_leave_the_ranker_out_and_then_load_narrows_nothing()
    {
        var items = SampleCatalogue.Items(400, creators: 60, songs: 60);
        var scene = Plain with
        {
            PreRank = new() { Keep = 300 },
            FineRank = new() { Ranker = FineRanker.None, Keep = 50, AdaptiveWidth = new() { TargetMs = 1, Percentile = 99, Least = 0.2 } },
        };
        await using var node = await StartAsync(scene, items, TestNode.WithModel());
        for (var i = 0; i <= QualityFactor.WarmUp; i += 4)
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PageAsync(node)));
        for (var i = 0; i < 20; i++)
            await PageAsync(node);

        var page = await PageAsync(node);
        Assert.Empty(page.Degraded);
        Assert.Equal(300, page.Funnel!.Stages.Single(s => s.Stage == "fineRank").In);
        Assert.Null(page.Funnel.Stages.Single(s => s.Stage == "fineRank").Dropped);
        Assert.All(page.Items, i => Assert.Null(i.Scores.FineRank));
    }

    [Fact]
    public async Task When_ranker_and_list_wise_re_ranker_give_nothing_finite_a_page_of_the_pre_rankers_keeps_its_rules()
    {
        using var copy = new BundleCopy()
            .Set("ranker.onnx", "ranker", RankerGraphs.NotANumberAbove(0.0001f), "item_dense")
            .Set("reranker.onnx", "reRanker", RankerGraphs.Reversing(float.NaN), "item_dense");
        var settings = TestNode.WithModel();
        settings["Kg:Model:Path"] = copy.Folder;
        // A graph that fails on zeros alone would not be loaded at all.
        var items = SampleCatalogue.Items(200, creators: 60, songs: 60).Where(i => i.Quality > 0.01).ToArray();
        await using var node = await StartAsync(Plain with { ReRank = new() { ListWise = true } }, items, settings);
        var page = await PageAsync(node);
        Assert.Equal(["fineRank notFinite", "reRank reRankerFailed"], page.Degraded.Select(d => $"{d.Stage} {d.Reason}"));
        Assert.All(page.Items, i => Assert.True(i.Scores is { FineRank: null, ListWise: null, DiversityGain: not null }));
        AssertRules(page, items);
    }

    private static void AssertRules(RecommendAnswer page, ItemDocument[] items)
    {
        Assert.Equal(10, page.Items.Length);
        Assert.Empty(page.Funnel!.RelaxedRules);
        var shown = page.Items.Select(i => items.Single(d => d.ItemId == i.ItemId)).ToArray();
        Assert.All(shown.Zip(shown.Skip(1)), pair => Assert.True(pair.First.CreatorId != pair.Second.CreatorId && pair.First.SongId != pair.Second.SongId));
    }

    private static async Task<TestNode> StartAsync(SceneDocument scene, ItemDocument[] items, Dictionary<string, string?>? settings = null)
    {
        var node = await TestNode.StartAsync(settings: settings);
        await node.PutAsync(items);
        await node.PutUserAsync(new UserDocument { UserId = "u1" });
        Assert.Equal(WriteStatus.Created, (await node.PutSceneAsync(scene)).Status);
        return node;
    }

    private static Task<RecommendAnswer> PageAsync(TestNode node, Func<RecommendCommand, RecommendCommand>? change = null) =>
        node.PageAsync("u1", c => change?.Invoke(c with { Scene = Plain.Scene }) ?? c with { Scene = Plain.Scene });

    private static JsonElement Filter<T>(T filter) => JsonSerializer.SerializeToElement(filter);
}
