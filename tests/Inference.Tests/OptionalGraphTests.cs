using KgOrleans.Inference.Bundles;
using KgOrleans.TestSupport.Onnx;

namespace KgOrleans.Inference.Tests;

[Trait("Suite", "Unit")]
public sealed class OptionalGraphTests
{
    private const int RecallDimension = 16;

    [Fact]
    public void The_demo_bundle_has_no_optional_graph()
    {
        using var bundle = DemoBundle.Load();
        Assert.Equal((null, null, null, 0), (bundle.ReRanker, bundle.RecallUser, bundle.RecallItem, bundle.RecallDimension));
    }

    [Fact]
    public void A_list_wise_re_ranker_sees_the_whole_list_its_fine_scores_and_no_padding()
    {
        using var copy = new BundleCopy().Set("reranker.onnx", "reRanker", RankerGraphs.Reversing(), "item_dense");
        using var bundle = ModelBundle.Load(copy.Folder);
        using var without = DemoBundle.Load();
        Assert.Equal(without.SpaceId, bundle.SpaceId);
        Assert.Equal(BundleCopy.Batch, bundle.ReRanker!.MaxLength);
        var items = Samples.Items(200, seed: 1);
        float[] fused = [.. Enumerable.Range(0, 200).Select(i => 1 - (i / 400f))];
        var probabilities = new float[200 * RankerGraphs.Objectives];
        foreach (var length in (int[])[1, 5, 128, 3])
        {
            int[] rows = [.. Enumerable.Range(0, length).Select(i => (i * 7) % 200)];
            var scores = new float[length];
            Assert.True(bundle.ReRanker.Score(Samples.User(), items, rows, fused, probabilities, new RequestContext(Samples.Now), scores));
            for (var i = 0; i < length; i++)
                Assert.Equal(rows.Average(r => fused[r]) - fused[rows[i]], scores[i], 1e-5f);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            bundle.ReRanker.Score(Samples.User(), items, new int[129], fused, probabilities, new RequestContext(Samples.Now), new float[129]));
    }

    [Fact]
    public void A_list_wise_score_that_is_not_finite_is_told()
    {
        using var copy = new BundleCopy().Set("reranker.onnx", "reRanker", RankerGraphs.Reversing(float.NaN), "item_dense");
        using var bundle = ModelBundle.Load(copy.Folder);
        Assert.False(bundle.ReRanker!.Score(Samples.User(), Samples.Items(3, 1), [0, 1], [0.5f, 0.4f, 0.3f], [], new RequestContext(Samples.Now),
            new float[2]));
    }

    [Fact]
    public void A_recall_head_is_loaded_and_belongs_to_the_space()
    {
        using var copy = WithHead();
        using var bundle = ModelBundle.Load(copy.Folder);
        using var without = DemoBundle.Load();
        Assert.Equal((RecallDimension, RecallDimension, RecallDimension),
            (bundle.RecallDimension, bundle.RecallUser!.HeadsLength, bundle.RecallItem!.Dimension));
        Assert.NotEqual(without.SpaceId, bundle.SpaceId);
        var items = Samples.Items(130, seed: 1);
        var vectors = new float[items.Count * RecallDimension];
        bundle.RecallItem.Compute(items, vectors);
        Assert.True(vectors.Distinct().Count() > 1_000);
        Assert.Contains(bundle.RecallUser.Compute(Samples.User(), Samples.Now), x => x != 0);
        // Another head is another space.
        copy.Set("recall_item.onnx", "recallItem", RankerGraphs.RecallSide(user: false, RecallDimension + 1), "item_dense");
        Assert.Contains(Differences(copy), d => d.StartsWith("recall_item.onnx: output vectors: has shape [128, 17]", StringComparison.Ordinal));
    }

    [Fact]
    public void Half_a_recall_head_and_a_wrong_dimension_are_refused()
    {
        using var half = new BundleCopy().Set("recall_user.onnx", "recallUser", RankerGraphs.RecallSide(user: true, RecallDimension), "user_dense")
            .Edit(m => m["recallDimension"] = RecallDimension);
        Assert.Contains("schema: a recall head needs both graphs, recallUser and recallItem", Differences(half));
        using var none = new BundleCopy().Edit(m => m["recallDimension"] = RecallDimension);
        Assert.Contains("manifest: recallDimension is 16, must be 0 without a recall head", Differences(none));
        using var zero = WithHead().Edit(m => m["recallDimension"] = 0);
        Assert.Contains(Differences(zero), d => d.StartsWith("manifest: recallDimension is 0, must be 1..", StringComparison.Ordinal));
    }

    [Fact]
    public void Optional_graphs_are_held_to_their_hashes_and_scopes()
    {
        using var copy = WithHead().Set("reranker.onnx", "reRanker", RankerGraphs.Reversing(), "item_dense");
        File.AppendAllText(Path.Combine(copy.Folder, "reranker.onnx"), "x");
        Assert.Contains(Differences(copy), d => d.StartsWith("reranker.onnx: sha256 is", StringComparison.Ordinal));
        File.Delete(Path.Combine(copy.Folder, "reranker.onnx"));
        Assert.Contains("reranker.onnx: missing", Differences(copy));
        using var wrong = WithHead().Set("recall_user.onnx", "recallUser", RankerGraphs.RecallSide(user: false, RecallDimension), "item_dense");
        Assert.Contains("schema: graph recallUser cannot use input item_dense of scope item", Differences(wrong));
        using var unnamed = new BundleCopy().Set("reranker.onnx", "reRanker", RankerGraphs.Reversing());
        Assert.Contains("manifest: sha256 names reranker.onnx, which is not a file of a bundle", Differences(unnamed));
    }

    private static BundleCopy WithHead() => new BundleCopy()
        .Set("recall_user.onnx", "recallUser", RankerGraphs.RecallSide(user: true, RecallDimension), "user_dense")
        .Set("recall_item.onnx", "recallItem", RankerGraphs.RecallSide(user: false, RecallDimension), "item_dense")
        .Edit(m => m["recallDimension"] = RecallDimension);

    private static IReadOnlyList<string> Differences(BundleCopy copy) => Assert.Throws<BundleException>(() => ModelBundle.Load(copy.Folder)).Differences;
}
