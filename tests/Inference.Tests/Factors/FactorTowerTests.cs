using KgOrleans.Inference.Bundles;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference.Tests.Factors;

[Trait("Suite", "Unit")]
public sealed class FactorTowerTests : IDisposable
{
    private readonly FactorSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_bundle_serves_the_vectors_that_were_written_and_folds_users_in_exactly()
    {
        using var bundle = ModelBundle.Load(_sample.Folder);
        Assert.Equal((BundleKind.Factors, FactorSample.World, FactorSample.Dimension), (bundle.Manifest.Kind, bundle.WorldId, bundle.EmbeddingDimension));
        Assert.Null(bundle.Ranker);
        Assert.Empty(bundle.Objectives);
        var vectors = VectorsOf(bundle, Enumerable.Range(0, FactorSample.Items).Select(i => Item(FactorSample.IdOf(i), "unknown")));
        for (var i = 0; i < FactorSample.Items; i++)
            Assert.Equal(_sample.Space.Model.Of(_sample.PlaceOf(FactorSample.IdOf(i))), vectors[i]);

        string[] liked = ["i4", "i6", "i10"];
        var user = bundle.UserTower.Compute(FactorSample.UserWho([.. liked.Select(id => (EventType.Like, id))]), 0);
        var expected = _sample.Space.Model.FoldIn([.. liked.Select(_sample.PlaceOf)]);
        for (var i = 0; i < user.Length; i++)
            Assert.Equal(expected[i], user[i], 1e-5f);
        var best = Enumerable.Range(0, FactorSample.Items).OrderByDescending(i => DotProduct.Single(user, vectors[i])).Take(FactorSample.Items / 4);
        Assert.All(best, i => Assert.True(i % 2 == 0));
    }

    [Fact]
    public void A_new_item_has_the_vector_of_its_tag_and_a_like_of_it_moves_the_user_that_way()
    {
        using var bundle = ModelBundle.Load(_sample.Folder);
        var vectors = VectorsOf(bundle, [Item("new1", "even"), Item("new2", "odd"), Item("i0", "odd"), Item("i1", "even")]);
        Assert.True(DotProduct.Single(vectors[0], vectors[2]) > DotProduct.Single(vectors[0], vectors[3]));
        Assert.True(DotProduct.Single(vectors[1], vectors[3]) > DotProduct.Single(vectors[1], vectors[2]));

        var state = new UserState { LastEventAt = 1, History = [new HistoryEntry("new3", EventType.Like, 0, 1, "c", null, ["odd"])] };
        var user = bundle.UserTower.Compute(UserSnapshot.Create("u", state, 60_000), 0);
        Assert.True(DotProduct.Single(user, vectors[3]) > 2 * DotProduct.Single(user, vectors[2]));
    }

    [Fact]
    public void A_user_of_whom_nothing_is_known_is_everyone_and_one_with_stated_interests_leans_to_them()
    {
        using var bundle = ModelBundle.Load(_sample.Folder);
        Assert.Equal(_sample.Space.Everyone, bundle.UserTower.Compute(UserSnapshot.Unknown("u"), 0));
        Assert.Equal(_sample.Space.Everyone, bundle.UserTower.Compute(FactorSample.UserWho((EventType.Like, "gone")), 0));
        var profile = new UserDocument { UserId = "u", Interests = new UserInterests { Tags = new Dictionary<string, double> { ["odd"] = 1 } } };
        var stated = bundle.UserTower.Compute(UserSnapshot.Create("u", new UserState { Profile = profile }, 60_000), 0);
        var vectors = VectorsOf(bundle, [Item("i0", "even"), Item("i1", "odd")]);
        var (before, after) = (Lean(_sample.Space.Everyone), Lean(stated));
        Assert.True(after > before + 0.05, $"{before} {after}");

        float Lean(float[] user) => DotProduct.Single(user, vectors[1]) - DotProduct.Single(user, vectors[0]);
    }

    [Fact]
    public void What_is_disliked_is_no_like_and_what_is_liked_twice_is_one()
    {
        using var bundle = ModelBundle.Load(_sample.Folder);
        var two = bundle.UserTower.Compute(FactorSample.UserWho((EventType.Like, "i2"), (EventType.Share, "i4")), 0);
        Assert.Equal(two, bundle.UserTower.Compute(FactorSample.UserWho(
            (EventType.Like, "i9"), (EventType.Like, "i2"), (EventType.Skip, "i2"), (EventType.Share, "i4"), (EventType.Dislike, "i9")), 0));
        Assert.Equal(two, bundle.UserTower.Compute(FactorSample.UserWho(
            (EventType.Play, "i2"), (EventType.Report, "i7"), (EventType.Like, "i2"), (EventType.Share, "i7"), (EventType.Share, "i4")), 0));
        Assert.NotEqual(two, bundle.UserTower.Compute(FactorSample.UserWho((EventType.Like, "i2")), 0));
    }

    [Fact]
    public void Weights_of_a_scene_do_not_change_the_one_head()
    {
        var (heads, vector) = (new float[] { 1, 2 }, new float[2]);
        ScenePreRank.Fuse(heads, [], new Dictionary<string, double> { ["play"] = 7 }, vector);
        Assert.Equal(heads, vector);
    }

    private static ItemDocument Item(string id, string tag) => new() { ItemId = id, CreatorId = "c", Tags = [tag] };

    private static float[][] VectorsOf(ModelBundle bundle, IEnumerable<ItemDocument> items)
    {
        var block = ItemColumns.Block([.. items], 4, bundle.EmbeddingDimension);
        bundle.ItemTower.Compute(block, block.Embeddings);
        return [.. Enumerable.Range(0, block.Count).Select(i => block.EmbeddingOf(i).ToArray())];
    }
}
