namespace KgOrleans.Lab.Communities;

/// <summary>
/// Label propagation (Raghavan, Albert, Kumara 2007): every node begins with a label of its own and, in a random order, again and again takes the label that
/// weighs most among its neighbours; densely tied nodes soon agree. With hop attenuation (Leung, Hui, Lio, Crowcroft 2009): a label loses a little of its
/// strength with every hop from where it began, so that none floods a graph that hangs together. Deterministic: order and ties are drawn from the seed.
/// </summary>
internal static class LabelPropagation
{
    // Labels settle within about five rounds in the paper; the bound is for graphs that would go back and forth.
    private const int MaxRounds = 100;

    /// <summary>Label of each node: two nodes with the same belong together.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="seed">Seed of the order and of ties.</param>
    /// <param name="attenuation">Strength that a label loses a hop, 0 for plain propagation.</param>
    public static int[] Run(CommunityGraph graph, int seed, double attenuation)
    {
        var (labels, strengths) = (new int[graph.Count], new double[graph.Count]);
        var order = new int[graph.Count];
        for (var i = 0; i < order.Length; i++)
            (labels[i], strengths[i], order[i]) = (i, 1, i);
        var random = new Random(seed);
        var scores = new Dictionary<int, (double Score, double Strength)>();
        var changed = true;
        for (var round = 0; changed && round < MaxRounds; round++)
        {
            changed = false;
            random.Shuffle(order);
            foreach (var node in order)
            {
                if (!Best(graph, node, labels, strengths, scores, seed, out var label, out var strength) || label == labels[node])
                    continue;
                labels[node] = label;
                strengths[node] = strength - attenuation;
                changed = true;
            }
        }
        return labels;
    }

    private static bool Best(
        CommunityGraph graph, int node, int[] labels, double[] strengths, Dictionary<int, (double Score, double Strength)> scores, int seed, out int label,
        out double strength)
    {
        scores.Clear();
        var neighbours = graph.NeighboursOf(node);
        var weights = graph.WeightsOf(node);
        for (var n = 0; n < neighbours.Length; n++)
        {
            var from = neighbours[n];
            // A label that has lost all strength goes no further.
            if (strengths[from] <= 0)
                continue;
            var known = scores.GetValueOrDefault(labels[from]);
            scores[labels[from]] = (known.Score + (weights[n] * strengths[from]), Math.Max(known.Strength, strengths[from]));
        }
        (label, strength, var best) = (labels[node], strengths[node], 0d);
        foreach (var (candidate, (score, reach)) in scores)
        {
            // The own label wins a tie, so that the search ends; among others a draw does. Were it the least label, a few would win every tie of the first
            // round and flood the graph.
            var isTie = score == best && label != labels[node];
            if (score > best || (isTie && (candidate == labels[node] || Draw(seed, node, candidate) < Draw(seed, node, label))))
                (label, strength, best) = (candidate, reach, score);
        }
        return best > 0;
    }

    // SplitMix64's finaliser over the three.
    private static ulong Draw(int seed, int node, int label)
    {
        var x = ((ulong)(uint)seed * 0x9E3779B97F4A7C15) ^ ((ulong)(uint)node << 32) ^ (uint)label;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
