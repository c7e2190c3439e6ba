using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Features;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.TestSupport.Onnx;

namespace KgOrleans.Inference.Tests;

/// <summary>
/// The ranker of a bundle is any graph with the schema's inputs: the ways that the article went, from logistic regression over boosted trees to a net.
/// </summary>
[Trait("Suite", "Unit")]
public sealed class RankerKindTests
{
    private const float Tolerance = 1e-4f;

    [Fact]
    public void A_linear_model_serves()
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.Linear(), "item_dense", "cross");
        var items = Samples.Items(300, seed: 1);
        items.Rows[7].Creator = Key64.Of("c9");
        var logits = Score(copy, items);
        for (var i = 0; i < items.Count; i++)
        {
            var followed = Samples.User().Follows.Contains(items.Rows[i].Creator) ? 2 : 0;
            for (var k = 0; k < RankerGraphs.Objectives; k++)
                Assert.Equal(((k + 1) * items.Rows[i].Quality) + followed - k, logits[(i * RankerGraphs.Objectives) + k], Tolerance);
        }
    }

    [Fact]
    public void A_tree_ensemble_serves()
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.Trees(), "item_dense");
        var items = Samples.Items(300, seed: 2);
        var logits = Score(copy, items);
        var kinds = new HashSet<float>();
        for (var i = 0; i < items.Count; i++)
        {
            var quality = items.Rows[i].Quality;
            for (var k = 0; k < RankerGraphs.Objectives; k++)
                Assert.Equal(((quality <= 0.5f ? -1 : 1) * (k + 1)) + (quality > 0.8f ? 0.5f : 0), logits[(i * RankerGraphs.Objectives) + k]);
            kinds.Add(logits[i * RankerGraphs.Objectives]);
        }
        Assert.Equal(3, kinds.Count);
    }

    [Fact]
    public void A_deep_net_serves()
    {
        const int hidden = 24;
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.Deep(hidden), "user_dense", "item_dense");
        var items = Samples.Items(200, seed: 3);
        var logits = Score(copy, items);
        var user = Filled("user_dense", items, 0);
        foreach (var i in (int[])[0, 1, 127, 128, 199])
        {
            var item = Filled("item_dense", items, i);
            var first = Layer(user, RankerGraphs.Weights(0, user.Length * hidden), new double[hidden])
                .Zip(Layer(item, RankerGraphs.Weights(1, item.Length * hidden), new double[hidden]), (a, b) => Math.Max(0, a + b)).ToArray();
            var second = Layer(first, RankerGraphs.Weights(2, hidden * hidden), Biases(3, hidden)).Select(x => Math.Max(0, x)).ToArray();
            var expected = Layer(second, RankerGraphs.Weights(4, hidden * RankerGraphs.Objectives), Biases(5, RankerGraphs.Objectives));
            for (var k = 0; k < expected.Length; k++)
                Assert.Equal(expected[k], logits[(i * RankerGraphs.Objectives) + k], Tolerance);
        }
        Assert.True(logits.Distinct().Count() > 100);
    }

    [Fact]
    public void Logits_that_are_not_finite_are_NaN_for_their_item_alone()
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.NotANumberAbove(0.9f), "item_dense");
        var items = Samples.Items(300, seed: 4);
        var logits = Score(copy, items);
        for (var i = 0; i < items.Count; i++)
            Assert.Equal(items.Rows[i].Quality > 0.9f, float.IsNaN(logits[i * RankerGraphs.Objectives]));
    }

    [Fact]
    public void A_ranker_with_other_inputs_than_the_schema_says_is_refused()
    {
        using var copy = new BundleCopy().Set("ranker.onnx", "ranker", RankerGraphs.Linear(), "item_dense");
        Assert.Contains("ranker.onnx: input cross is not in the schema", Assert.Throws<BundleException>(() => ModelBundle.Load(copy.Folder)).Differences);
    }

    private static double[] Layer(double[] x, float[] weights, double[] bias)
    {
        var y = (double[])bias.Clone();
        for (var i = 0; i < x.Length; i++)
        {
            for (var o = 0; o < y.Length; o++)
                y[o] += x[i] * weights[(i * y.Length) + o];
        }
        return y;
    }

    private static double[] Biases(int layer, int count) => [.. RankerGraphs.Weights(layer, count).Select(w => (double)w)];

    // What the demo bundle fills the input with; another test compares that with PyTorch.
    private static double[] Filled(string input, ItemBlock items, int row)
    {
        using var bundle = DemoBundle.Load();
        var graph = bundle.Ranker!.Graph;
        var at = graph.Inputs.ToList().FindIndex(i => i.Spec.Name == input);
        var buffers = graph.Rent();
        buffers.User.Set(Samples.User());
        graph.FillRequest(buffers, new FeatureSource(buffers.User, new RequestContext(Samples.Now)));
        graph.FillItem(buffers, 0, new FeatureSource(buffers.User, ref items.Rows[row], items.ContentOf(row), new RequestContext(Samples.Now)));
        double[] filled = [.. buffers.Floats(at)[..graph.Inputs[at].Width].ToArray().Select(x => (double)x)];
        graph.Return(buffers);
        return filled;
    }

    private static float[] Score(BundleCopy copy, ItemBlock items)
    {
        using var bundle = ModelBundle.Load(copy.Folder);
        var logits = new float[items.Count * bundle.Ranker!.ObjectiveCount];
        bundle.Ranker!.Score(Samples.User(), items, new RequestContext(Samples.Now), logits);
        return logits;
    }
}
