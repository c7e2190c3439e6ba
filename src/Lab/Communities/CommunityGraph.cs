namespace KgOrleans.Lab.Communities;

/// <summary>A tie between two people.</summary>
/// <param name="A">One.</param>
/// <param name="B">The other.</param>
/// <param name="Weight">Positive weight.</param>
internal readonly record struct CommunityTie(string A, string B, double Weight);

/// <summary>An undirected weighted graph of people. The same ties in any order make the same graph.</summary>
internal sealed class CommunityGraph
{
    private readonly int[] _offsets;
    private readonly int[] _neighbours;
    private readonly double[] _weights;

    private CommunityGraph(string[] ids, int[] offsets, int[] neighbours, double[] weights) =>
        (Ids, _offsets, _neighbours, _weights) = (ids, offsets, neighbours, weights);

    /// <summary>Ids in ordinal order; a node is a position here.</summary>
    public string[] Ids { get; }

    /// <summary>Number of nodes.</summary>
    public int Count => Ids.Length;

    /// <summary>Number of ties.</summary>
    public int Ties => _neighbours.Length / 2;

    /// <summary>Builds a graph; ties of the same two people add up, a tie to oneself is none.</summary>
    public static CommunityGraph Of(IEnumerable<CommunityTie> ties)
    {
        // Sorted before they are added: sums of floating-point numbers depend on their order.
        var sorted = ties.Where(t => t.A != t.B).Select(t => string.CompareOrdinal(t.A, t.B) < 0 ? t : new CommunityTie(t.B, t.A, t.Weight))
            .OrderBy(t => t.A, StringComparer.Ordinal).ThenBy(t => t.B, StringComparer.Ordinal).ThenBy(t => t.Weight).ToArray();
        string[] ids = [.. sorted.SelectMany(t => (string[])[t.A, t.B]).Distinct().Order(StringComparer.Ordinal)];
        var nodes = new Dictionary<string, int>(ids.Length);
        foreach (var id in ids)
            nodes.Add(id, nodes.Count);
        var edges = new List<(int A, int B, double Weight)>();
        foreach (var tie in sorted)
        {
            var (a, b) = (nodes[tie.A], nodes[tie.B]);
            if (edges.Count > 0 && edges[^1].A == a && edges[^1].B == b)
                edges[^1] = (a, b, edges[^1].Weight + tie.Weight);
            else
                edges.Add((a, b, tie.Weight));
        }
        return Build(ids, edges);
    }

    /// <summary>Neighbours of a node, ascending.</summary>
    public ReadOnlySpan<int> NeighboursOf(int node) => _neighbours.AsSpan(_offsets[node].._offsets[node + 1]);

    /// <summary>Weights beside <see cref="NeighboursOf"/>.</summary>
    public ReadOnlySpan<double> WeightsOf(int node) => _weights.AsSpan(_offsets[node].._offsets[node + 1]);

    /// <summary>The graph of some nodes, ascending, and the ties between them.</summary>
    public CommunityGraph Induced(IReadOnlyList<int> nodes)
    {
        var positions = new Dictionary<int, int>(nodes.Count);
        for (var i = 0; i < nodes.Count; i++)
            positions.Add(nodes[i], i);
        var edges = new List<(int, int, double)>();
        for (var i = 0; i < nodes.Count; i++)
        {
            var neighbours = NeighboursOf(nodes[i]);
            var weights = WeightsOf(nodes[i]);
            for (var n = 0; n < neighbours.Length; n++)
            {
                if (positions.TryGetValue(neighbours[n], out var j) && j > i)
                    edges.Add((i, j, weights[n]));
            }
        }
        return Build([.. nodes.Select(n => Ids[n])], edges);
    }

    // Edges come in the order of their first, then second node, so that every list of neighbours is ascending.
    private static CommunityGraph Build(string[] ids, List<(int A, int B, double Weight)> edges)
    {
        var offsets = new int[ids.Length + 1];
        foreach (var (a, b, _) in edges)
        {
            offsets[a + 1]++;
            offsets[b + 1]++;
        }
        for (var i = 0; i < ids.Length; i++)
            offsets[i + 1] += offsets[i];
        var (neighbours, weights, next) = (new int[edges.Count * 2], new double[edges.Count * 2], offsets[..^1]);
        // All smaller neighbours of a node come before the greater ones: first the edges that end at it, then those that start.
        foreach (var (a, b, weight) in edges)
            (neighbours[next[b]], weights[next[b]++]) = (a, weight);
        foreach (var (a, b, weight) in edges)
            (neighbours[next[a]], weights[next[a]++]) = (b, weight);
        return new CommunityGraph(ids, offsets, neighbours, weights);
    }
}
