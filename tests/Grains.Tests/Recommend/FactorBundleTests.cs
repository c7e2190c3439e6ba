using KgOrleans.Grains.Interfaces;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Factors;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Factors;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Tests.Recommend;

/// <summary>A node that serves with fitted factors: people like either the even or the odd items.</summary>
[Trait("Suite", "Cluster")]
public sealed class FactorBundleTests : IDisposable
{
    private const int Fitted = 80;
    private const int Dimension = 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("kg-factors-").FullName;
    private readonly ItemDocument[] _items = [.. SampleCatalogue.Items(Fitted + 2, creators: 200, songs: 200).Select((item, i) => item with { Tags = [GroupOf(i)] })];
    private readonly FactorSpace _space;

    public FactorBundleTests()
    {
        _space = Fit();
        FactorBundle.Write(Bundle, _space, new BundleManifest { Version = "factors-1", WorldId = "main" });
    }

    private string Bundle => Path.Combine(_folder, "bundle");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_page_follows_the_fold_in_of_what_the_user_liked_and_new_likes_move_the_next_one()
    {
        await using var node = await StartAsync();
        await node.PutAsync(_items);
        await LikeAsync(node, "u1", 0, 2, 4);
        var before = await PageAsync(node, "u1");
        AssertPreRanks(before, 0, 2, 4);
        await LikeAsync(node, "u1", 1, 3, 5, 7, 9);
        var after = await PageAsync(node, "u1");
        AssertPreRanks(after, 0, 2, 4, 1, 3, 5, 7, 9);
        Assert.True(MeanRankOfOdd(before) > MeanRankOfOdd(after) + 5, $"{MeanRankOfOdd(before)} {MeanRankOfOdd(after)}");
    }

    [Fact]
    public async Task A_bundle_without_a_fine_ranker_serves_pre_rank_scores_and_claims_no_failure()
    {
        await using var node = await StartAsync();
        await node.PutAsync(_items);
        await LikeAsync(node, "u1", 0, 2, 4);
        var page = await PageAsync(node, "u1");
        Assert.Empty(page.Degraded);
        Assert.Equal("factors-1", page.ModelVersion);
        Assert.True(page.Funnel!.Channels["model"] > 0);
        Assert.All(page.Items, i => Assert.Null(i.Scores.FineRank));
        Assert.All(page.Items, i => Assert.Empty(i.Scores.Objectives));
        // Of somebody unknown the mean of all users is known, and their page is what is popular.
        var unknown = await PageAsync(node, "nobody");
        Assert.Empty(unknown.Degraded);
        Assert.NotEmpty(unknown.Items);
        Assert.Equal(0, unknown.Funnel!.Channels["model"]);
    }

    [Fact]
    public async Task A_linear_ranker_over_the_factors_orders_the_page_from_the_users_cached_vector()
    {
        const int batch = 32;
        var schema = new FeatureSchema
        {
            BatchSize = batch,
            Inputs = [new InputSpec { Name = "cross", Type = TensorType.Float, Shape = [batch, 1], Features = ["cross.factors"] }],
            Graphs = new GraphInputs { Ranker = ["cross"] },
        };
        // Whatever pre-ranking puts first comes last.
        FactorBundle.Write(
            Bundle, _space, new BundleManifest { Version = "factors-1", WorldId = "main", Objectives = ["like"], Schema = schema },
            LinearGraph.Build([("cross", batch, 1, [-5])], [1], "logits"));
        await using var node = await StartAsync();
        await node.PutAsync(_items);
        await LikeAsync(node, "u1", 0, 2, 4);
        var page = await node.PageAsync("u1", c => c with { PageSize = 100, Explain = true });
        Assert.Empty(page.Degraded);
        AssertPreRanks(page, 0, 2, 4);
        Assert.All(page.Items, i => Assert.Equal(1 / (1 + Math.Exp((5 * i.Scores.PreRank!.Value) - 1)), i.Scores.Objectives["like"], 5e-3));
        Assert.All(page.Items, i => Assert.Equal(i.Scores.Objectives["like"], i.Scores.FineRank!.Value, 1e-6));
        Assert.All(page.Items, i => Assert.Equal(i.Scores.PreRank!.Value, Assert.Single(i.Features!["cross.factors"]), 2e-3));
    }

    [Fact]
    public async Task An_item_that_the_fit_did_not_know_is_scored_by_its_document_and_a_dislike_takes_a_like_back()
    {
        await using var node = await StartAsync();
        await node.PutAsync(_items);
        await LikeAsync(node, "u1", 0, 2, 4);
        var page = await PageAsync(node, "u1");
        Assert.True(ScoreOf(page, Fitted) > ScoreOf(page, Fitted + 1), "the new item has the tag of what the user likes");
        await node.RecordAsync(new UserEvent { UserId = "u1", ItemId = "w2", Type = EventType.Dislike });
        AssertPreRanks(await PageAsync(node, "u1"), 0, 4);
    }

    [Fact]
    public async Task A_bundle_of_another_world_stops_the_start_with_the_reason()
    {
        FactorBundle.Write(Bundle, _space, new BundleManifest { Version = "factors-2", WorldId = "elsewhere" });
        var refused = await Assert.ThrowsAsync<BundleException>(async () => await StartAsync());
        Assert.Contains("the bundle was trained for world 'elsewhere', this catalogue is 'main'", Assert.Single(refused.Differences));
    }

    private static string GroupOf(int item) => item % 2 == 0 ? "even" : "odd";

    private Task<TestNode> StartAsync() => TestNode.StartAsync(settings: new Dictionary<string, string?> { ["Kg:Model:Path"] = Bundle });

    private static Task<EventStatus[]> LikeAsync(TestNode node, string user, params int[] items) =>
        node.RecordAsync([.. items.Select(i => new UserEvent { UserId = user, ItemId = $"w{i}", Type = EventType.Like })]);

    private static Task<RecommendAnswer> PageAsync(TestNode node, string user) => node.PageAsync(user, c => c with { PageSize = 100 });

    private static double ScoreOf(RecommendAnswer page, int item) => page.Items.Single(i => i.ItemId == $"w{item}").Scores.PreRank!.Value;

    // Ranks by pre-rank score: diversity and rules have their say in the order of the page.
    private static double MeanRankOfOdd(RecommendAnswer page) =>
        page.Items.OrderByDescending(i => i.Scores.PreRank).Select((item, rank) => (item, rank))
            .Where(x => int.Parse(x.item.ItemId[1..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 1).Average(x => x.rank);

    private void AssertPreRanks(RecommendAnswer page, params int[] liked)
    {
        var user = _space.Model.FoldIn([.. liked.Select(PlaceOf)]);
        var known = page.Items.Where(i => PlaceOf(i.ItemId) >= 0).ToArray();
        Assert.True(known.Length > Fitted / 2);
        Assert.All(known, i => Assert.Equal(DotProduct.Single(user, _space.Model.Of(PlaceOf(i.ItemId))), i.Scores.PreRank!.Value, 2e-3));
        Assert.True(known.Max(i => i.Scores.PreRank) > 0.05);
    }

    private int PlaceOf(int item) => PlaceOf($"w{item}");

    private int PlaceOf(string itemId) => Array.BinarySearch(_space.Keys, Key64.Of(itemId));

    private FactorSpace Fit()
    {
        var random = new Random(2);
        var keys = _items.Take(Fitted).Select(i => Key64.Of(i.ItemId)).Order().ToArray();
        var places = _items.Take(Fitted).Select(i => Array.BinarySearch(keys, Key64.Of(i.ItemId))).ToArray();
        var likes = Enumerable.Range(0, 300).Select(
            u => Enumerable.Range(0, Fitted / 2).OrderBy(_ => random.Next()).Take(12).Select(i => places[(2 * i) + (u % 2)]).ToArray()).ToArray();
        var model = FactorSolver.Fit(SparseRows.Of(likes, Fitted), new FactorSettings { Dimension = Dimension, Epochs = 6 }, 2, progress: null, default);
        var tokens = new ContentToken[Fitted][];
        for (var i = 0; i < Fitted; i++)
        {
            var own = new ContentToken[ContentToken.Most];
            tokens[places[i]] = own[..ContentToken.Fill(0, 0, ItemColumns.TagKeys(_items[i]), 0, 0, own)];
        }
        return new FactorSpace(keys, model, ContentRegression.Fit(tokens, model.Items, Dimension), new float[Dimension]);
    }
}
