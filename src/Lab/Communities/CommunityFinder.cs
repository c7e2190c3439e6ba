using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Communities;

/// <summary>A discovered community.</summary>
/// <param name="Id">Its id: the prefix and the key of its best-tied member, so that a community that changes little keeps its id and the id tells nobody's
/// name.</param>
/// <param name="Members">Ids in ordinal order.</param>
internal sealed record Community(string Id, IReadOnlyList<string> Members);

/// <summary>
/// Communities of a graph within two sizes. Too small ones are none; in too large ones labels are propagated anew with more attenuation, until they come apart
/// or will not.
/// </summary>
/// <param name="MinSize">Fewest members.</param>
/// <param name="MaxSize">Most members.</param>
/// <param name="Seed">Seed.</param>
internal sealed record CommunityFinder(int MinSize, int MaxSize, int Seed)
{
    /// <summary>What ids of discovered communities begin with; stated ones must not.</summary>
    public const string Prefix = "auto:";

    private const double AttenuationStep = 0.1;
    private const double MostAttenuation = 0.5;

    /// <summary>
    /// The communities, largest first, then by id; nobody is in two. People of communities too large to come apart, or too small, are in none.
    /// </summary>
    public IReadOnlyList<Community> Find(CommunityGraph graph)
    {
        var found = new List<Community>();
        Split(graph, 0, found);
        return [.. found.OrderByDescending(c => c.Members.Count).ThenBy(c => c.Id, StringComparer.Ordinal)];
    }

    private void Split(CommunityGraph graph, double attenuation, List<Community> found)
    {
        foreach (var nodes in Components(graph, LabelPropagation.Run(graph, Seed, attenuation)))
        {
            if (nodes.Count < MinSize)
                continue;
            var part = graph.Induced(nodes);
            if (nodes.Count <= MaxSize)
                found.Add(new Community(IdOf(part), part.Ids));
            else if (attenuation + AttenuationStep <= MostAttenuation)
                Split(part, attenuation + AttenuationStep, found);
        }
    }

    /// <summary>Nodes of one label that hang together: one label may end up in parts that do not (section IV of Raghavan et al.).</summary>
    private static IEnumerable<List<int>> Components(CommunityGraph graph, int[] labels)
    {
        var seen = new bool[graph.Count];
        var queue = new Queue<int>();
        for (var first = 0; first < graph.Count; first++)
        {
            if (seen[first])
                continue;
            var nodes = new List<int>();
            seen[first] = true;
            queue.Enqueue(first);
            while (queue.TryDequeue(out var node))
            {
                nodes.Add(node);
                foreach (var neighbour in graph.NeighboursOf(node))
                {
                    if (seen[neighbour] || labels[neighbour] != labels[node])
                        continue;
                    seen[neighbour] = true;
                    queue.Enqueue(neighbour);
                }
            }
            nodes.Sort();
            yield return nodes;
        }
    }

    private static string IdOf(CommunityGraph community)
    {
        var (best, most) = (0, double.NegativeInfinity);
        for (var node = 0; node < community.Count; node++)
        {
            var weight = 0d;
            foreach (var w in community.WeightsOf(node))
                weight += w;
            if (weight > most)
                (best, most) = (node, weight);
        }
        return Prefix + Key64.Of(community.Ids[best]).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }
}
