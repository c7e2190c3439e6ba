using CsCheck;
using KgOrleans.Lab.Communities;

namespace KgOrleans.Lab.Tests.Communities;

[Trait("Suite", "Unit")]
public sealed class CommunityFinderTests
{
    private static readonly CommunityFinder Finder = new(MinSize: 5, MaxSize: 500, Seed: 1);

    private static readonly Gen<CommunityTie[]> AnyTies =
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Double[0.1, 3]).Select((a, b, w) => new CommunityTie($"u{a}", $"u{b}", w)).Array[0, 150];

    [Fact]
    public void Nearly_all_planted_partitions_are_recovered_exactly()
    {
        // Label propagation is a heuristic: now and then a group keeps two labels, or two groups share one (Raghavan et al. 2007, section IV). The seeds are
        // fixed, so that the number of those is too.
        const int Graphs = 100, Groups = 8, Size = 25;
        var exact = 0;
        for (var seed = 0; seed < Graphs; seed++)
        {
            var found = Finder.Find(CommunityGraph.Of(Planted(seed, Groups, Size, within: 0.5, across: 0.01)));
            Assert.All(found, c => Assert.StartsWith("auto:", c.Id));
            Assert.Equal(found.Count, found.Select(c => c.Id).Distinct().Count());
            exact += found.Count == Groups && found.All(c => c.Members.Count == Size && c.Members.Select(m => m.Split('-')[0]).Distinct().Count() == 1) ? 1 : 0;
        }
        Assert.InRange(exact, 95, Graphs);
    }

    [Fact]
    public void The_order_of_ties_and_who_is_named_first_do_not_matter() => Gen.Select(AnyTies, Gen.Int[0, 1_000]).Sample((ties, seed) =>
    {
        var shuffled = ties.Select((t, i) => i % 2 == 0 ? t : new CommunityTie(t.B, t.A, t.Weight)).ToArray();
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(Show(Finder with { MinSize = 2 }, ties), Show(Finder with { MinSize = 2 }, shuffled));
    });

    [Fact]
    public void Everybody_is_in_one_community_at_most_which_hangs_together_and_keeps_its_size() => Gen.Select(
        AnyTies, Gen.Int[2, 4], Gen.Int[4, 20]).Sample((ties, least, most) =>
    {
        var graph = CommunityGraph.Of(ties);
        var found = new CommunityFinder(least, most, 1).Find(graph);
        var members = found.SelectMany(c => c.Members).ToArray();
        Assert.Equal(members.Length, members.Distinct().Count());
        Assert.All(found, c => Assert.InRange(c.Members.Count, least, most));
        Assert.All(found, c =>
        {
            var reached = new HashSet<string> { c.Members[0] };
            while (ties.Where(t => reached.Contains(t.A) != reached.Contains(t.B) && c.Members.Contains(t.A) && c.Members.Contains(t.B)).ToArray() is { Length: > 0 } edge)
                reached.UnionWith(edge.SelectMany(t => (string[])[t.A, t.B]));
            Assert.Equal(c.Members.Count, reached.Count);
        });
    });

    [Fact]
    public void People_without_ties_and_groups_too_small_are_in_none()
    {
        Assert.Empty(Finder.Find(CommunityGraph.Of([])));
        Assert.Empty(Finder.Find(CommunityGraph.Of([new CommunityTie("alone", "alone", 1)])));
        Assert.Empty(Finder.Find(CommunityGraph.Of(Clique("a", 4))));
        Assert.Equal(5, Assert.Single(Finder.Find(CommunityGraph.Of(Clique("a", 5)))).Members.Count);
    }

    [Fact]
    public void The_stronger_tie_decides_where_somebody_belongs()
    {
        CommunityTie[] ties = [.. Clique("a", 6), .. Clique("b", 6), new CommunityTie("x", "a-0", 2), new CommunityTie("x", "b-0", 3)];
        Assert.Contains("b-0", Finder.Find(CommunityGraph.Of(ties)).Single(c => c.Members.Contains("x")).Members);
    }

    [Fact]
    public void A_community_too_large_is_searched_again_inside()
    {
        // Groups in a ring, tied so closely that plain propagation joins some of them.
        var ties = Planted(3, groups: 12, size: 20, within: 0.35, across: 0.06).ToArray();
        var graph = CommunityGraph.Of(ties);
        Assert.Contains((Finder with { MaxSize = 1_000 }).Find(graph), c => c.Members.Count > 40);
        Assert.All((Finder with { MaxSize = 40 }).Find(graph), c => Assert.InRange(c.Members.Count, 5, 40));
    }

    private static string Show(CommunityFinder finder, CommunityTie[] ties) =>
        string.Join('\n', finder.Find(CommunityGraph.Of(ties)).Select(c => $"{c.Id}: {string.Join(' ', c.Members)}"));

    private static IEnumerable<CommunityTie> Clique(string name, int size) =>
        Enumerable.Range(0, size).SelectMany(i => Enumerable.Range(0, i).Select(j => new CommunityTie($"{name}-{i}", $"{name}-{j}", 1)));

    private static IEnumerable<CommunityTie> Planted(int seed, int groups, int size, double within, double across)
    {
        var random = new Random(seed);
        for (var i = 0; i < groups * size; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (random.NextDouble() < (i / size == j / size ? within : across))
                    yield return new CommunityTie($"g{i / size}-{i}", $"g{j / size}-{j}", 1);
            }
        }
    }
}
