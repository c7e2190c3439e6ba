namespace KgOrleans.TestSupport.Onnx;

/// <summary>
/// Rankers of several kinds over inputs of the demo schema, small enough to say in a line what they compute. q is the quality of the item, 0 when it is
/// unknown.
/// </summary>
public static class RankerGraphs
{
    /// <summary>Objectives of the demo bundle.</summary>
    public const int Objectives = 3;

    private const int ItemWidth = 37;
    private const int CrossWidth = 11;
    private const int UserWidth = 76;
    private const int QualityColumn = 33;
    private const int FollowedColumn = 6;

    /// <summary>Logistic regression: logit k = (k + 1) q + 2 followed - k. Inputs: item_dense, cross.</summary>
    public static byte[] Linear()
    {
        var graph = new OnnxGraph();
        var features = graph.Add(
            "Concat", [graph.Input("item_dense", BundleCopy.Batch, ItemWidth), graph.Input("cross", BundleCopy.Batch, CrossWidth)], null, ("axis", 1L));
        var weights = new float[(ItemWidth + CrossWidth) * Objectives];
        for (var k = 0; k < Objectives; k++)
        {
            weights[(QualityColumn * Objectives) + k] = k + 1;
            weights[((ItemWidth + FollowedColumn) * Objectives) + k] = 2;
        }
        graph.Linear(features, weights, [0, -1, -2], "logits");
        return graph.Build("logits", BundleCopy.Batch, Objectives);
    }

    /// <summary>Two boosted trees: q up to 0.5 gives logits -1, -2, -3, more gives 1, 2, 3; q above 0.8 gives 0.5 more each. Input: item_dense.</summary>
    public static byte[] Trees()
    {
        var graph = new OnnxGraph();
        // Per tree a node and two leaves; the node goes left while q <= its value.
        (long Tree, float Value, float[] Left, float[] Right)[] trees = [(0, 0.5f, [-1, -2, -3], [1, 2, 3]), (1, 0.8f, [0, 0, 0], [0.5f, 0.5f, 0.5f])];
        long[] Each(Func<long, long[]> ofTree) => [.. trees.SelectMany(t => ofTree(t.Tree))];
        graph.AddMl("TreeEnsembleRegressor", [graph.Input("item_dense", BundleCopy.Batch, ItemWidth)], "logits",
            ("n_targets", (long)Objectives),
            ("aggregate_function", "SUM"),
            ("post_transform", "NONE"),
            ("nodes_treeids", Each(t => [t, t, t])),
            ("nodes_nodeids", Each(_ => [0, 1, 2])),
            ("nodes_featureids", Each(_ => [QualityColumn, 0, 0])),
            ("nodes_values", trees.SelectMany(t => (float[])[t.Value, 0, 0]).ToArray()),
            ("nodes_modes", trees.SelectMany(_ => (string[])["BRANCH_LEQ", "LEAF", "LEAF"]).ToArray()),
            ("nodes_truenodeids", Each(_ => [1, 0, 0])),
            ("nodes_falsenodeids", Each(_ => [2, 0, 0])),
            ("target_treeids", Each(t => [t, t, t, t, t, t])),
            ("target_nodeids", Each(_ => [1, 1, 1, 2, 2, 2])),
            ("target_ids", Each(_ => [0, 1, 2, 0, 1, 2])),
            ("target_weights", trees.SelectMany(t => (float[])[.. t.Left, .. t.Right]).ToArray()));
        return graph.Build("logits", BundleCopy.Batch, Objectives);
    }

    /// <summary>
    /// A net with two hidden layers over user and item; the weights of layer n are those of <see cref="Weights"/>. Inputs: user_dense, item_dense.
    /// </summary>
    public static byte[] Deep(int hidden)
    {
        var graph = new OnnxGraph();
        var user = graph.Linear(graph.Input("user_dense", 1, UserWidth), Weights(0, UserWidth * hidden), new float[hidden]);
        var item = graph.Linear(graph.Input("item_dense", BundleCopy.Batch, ItemWidth), Weights(1, ItemWidth * hidden), new float[hidden]);
        var first = graph.Add("Relu", [graph.Add("Add", [user, item])]);
        var second = graph.Add("Relu", [graph.Linear(first, Weights(2, hidden * hidden), Weights(3, hidden))]);
        graph.Linear(second, Weights(4, hidden * Objectives), Weights(5, Objectives), "logits");
        return graph.Build("logits", BundleCopy.Batch, Objectives);
    }

    /// <summary>Logits sqrt(limit - q): not a number for items of more quality. Input: item_dense.</summary>
    public static byte[] NotANumberAbove(float limit)
    {
        var graph = new OnnxGraph();
        var weights = new float[ItemWidth * Objectives];
        weights.AsSpan(QualityColumn * Objectives, Objectives).Fill(-1);
        graph.Add("Sqrt", [graph.Linear(graph.Input("item_dense", BundleCopy.Batch, ItemWidth), weights, [limit, limit, limit])], "logits");
        return graph.Build("logits", BundleCopy.Batch, Objectives);
    }

    /// <summary>
    /// A list-wise re-ranker that turns a list round: the mean of the fused scores less its own, times a factor; not a number when the factor is not. Inputs:
    /// fine_scores, item_dense.
    /// </summary>
    public static byte[] Reversing(float factor = 1)
    {
        var graph = new OnnxGraph();
        graph.Input("item_dense", BundleCopy.Batch, ItemWidth);
        var own = graph.Add("MatMul", [graph.Input("fine_scores", BundleCopy.Batch, 1 + Objectives), graph.Constant([1, 0, 0, 0], 1 + Objectives, 1)]);
        // Rows of padding have a fused score of 0: they count neither in the sum nor among the items.
        var items = graph.Add("ReduceSum", [graph.Add("Sign", [own])]);
        var mean = graph.Add("Div", [graph.Add("ReduceSum", [own]), graph.Add("Max", [items, graph.Constant([1], 1, 1)])]);
        // Not finite only when there are items, as a list whose net breaks down would be.
        var scale = graph.Add("Pow", [graph.Constant([factor], 1, 1), graph.Add("Sign", [items])]);
        graph.Add("Mul", [graph.Add("Sub", [mean, own]), scale], "scores");
        return graph.Build("scores", BundleCopy.Batch, 1);
    }

    /// <summary>One side of a recall head: x W with the weights of a layer. Input: user_dense or item_dense.</summary>
    public static byte[] RecallSide(bool user, int dimension)
    {
        var graph = new OnnxGraph();
        var (rows, width) = user ? (1, UserWidth) : (BundleCopy.Batch, ItemWidth);
        var output = user ? "vector" : "vectors";
        graph.Linear(graph.Input(user ? "user_dense" : "item_dense", rows, width), Weights(user ? 6 : 7, width * dimension), new float[dimension], output);
        return graph.Build(output, rows, dimension);
    }

    /// <summary>
    /// The user's side of a recall head that breaks down: sqrt(-sum of features), not a number for a user with any feature. Input: user_dense.
    /// </summary>
    public static byte[] BrokenRecallUser(int dimension)
    {
        var graph = new OnnxGraph();
        var weights = new float[UserWidth * dimension];
        Array.Fill(weights, -1);
        graph.Add("Sqrt", [graph.Linear(graph.Input("user_dense", 1, UserWidth), weights, new float[dimension])], "vector");
        return graph.Build("vector", 1, dimension);
    }

    /// <summary>Weights of a layer: small, and the same everywhere.</summary>
    public static float[] Weights(int layer, int count)
    {
        var random = new Random(layer);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 4)];
    }
}
