using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Lab.Frontier;

/// <summary>A user's candidates as policies see them.</summary>
/// <param name="User">Candidates, best first.</param>
/// <param name="Block">Their columns.</param>
/// <param name="Vectors">Their similarity vectors.</param>
/// <param name="Dimension">Components of a vector.</param>
internal sealed record FrontierCandidates(FrontierUser User, ItemBlock Block, float[] Vectors, int Dimension);

/// <summary>A way to make a page of ten, with its strength.</summary>
/// <param name="Name">Family, as in <c>dpp</c>.</param>
/// <param name="Strength">Setting, as in <c>theta 0.7</c>; empty when there is none.</param>
/// <param name="Pick">Chooses positions among a user's candidates, in the order of the page.</param>
internal sealed record FrontierPolicy(string Name, string Strength, Func<FrontierCandidates, int[]> Pick)
{
    /// <summary>Works on a page.</summary>
    public const int PageSize = 10;

    /// <summary>The order of relevance: what all others are compared with.</summary>
    public const string None = "none";

    // As serving does: diversity picks more than a page for rules to choose from (two pages and twenty).
    private const int PicksForRules = (2 * PageSize) + 20;

    private static readonly double[] TradeOffs = [0.95, 0.9, 0.8, 0.7, 0.5, 0.3];
    private static readonly double[] Temperatures = [0.01, 0.03, 0.1, 0.3, 1];
    private static readonly SceneDocument Scene = new();

    /// <summary>Every family at every strength, from weak to strong; the first is <see cref="None"/>.</summary>
    public static IReadOnlyList<FrontierPolicy> All { get; } =
    [
        new(None, "", c => First(c.User.Rows.Length)),
        .. ((int[])[2, 3, 5]).Select(
            window => new FrontierPolicy(
                "rules", $"1 per creator and song in {window}", c => Rules(c, InOrder(c), [Rule("creatorId", 1, window), Rule("songId", 1, window)]))),
        .. ((int[])[3, 2, 1]).Select(cap => new FrontierPolicy("creator cap", $"{cap} a page", c => Rules(c, InOrder(c), [Rule("creatorId", cap, PageSize)]))),
        .. TradeOffs.Select(lambda => new FrontierPolicy("mmr", FormattableString.Invariant($"lambda {lambda}"), c => Mmr(c, (float)lambda))),
        .. TradeOffs.Select(theta => new FrontierPolicy("dpp", FormattableString.Invariant($"theta {theta}"), c => Dpp(c, (float)theta, PageSize))),
        .. TradeOffs.Select(
            theta => new FrontierPolicy(
                "dpp, then rules", FormattableString.Invariant($"theta {theta}"), c => Rules(c, Dpp(c, (float)theta, PicksForRules), Scene.ReRank.Rules))),
        .. Temperatures.Select(
            temperature => new FrontierPolicy("noise", FormattableString.Invariant($"temperature {temperature}"), c => Noise(c, temperature))),
    ];

    private static int[] First(int candidates) => [.. Enumerable.Range(0, Math.Min(PageSize, candidates))];

    private static int[] InOrder(FrontierCandidates c) => [.. Enumerable.Range(0, c.Block.Count)];

    private static WindowRule Rule(string field, int max, int window) => new() { Field = field, Max = max, In = window };

    private static int[] Rules(FrontierCandidates c, int[] order, IReadOnlyList<WindowRule> rules)
    {
        var set = new RuleSet(rules, [.. rules.Select(_ => (ItemFilter?)null)], [], []);
        var works = new RuleItem[c.Block.Count];
        for (var i = 0; i < works.Length; i++)
            works[i] = set.Describe(in c.Block.Rows[i], now: 0);
        // Those that are not in the order stand behind it.
        var values = new float[works.Length];
        Array.Fill(values, float.NegativeInfinity);
        for (var rank = 0; rank < order.Length; rank++)
            values[order[rank]] = -rank;
        var line = new RuleState();
        line.Begin(set, works, [], [], PageSize, []);
        var page = new List<int>(PageSize);
        while (!line.IsComplete)
        {
            page.Add(line.Choose(values, out _));
            line.Place(page[^1]);
        }
        return [.. page];
    }

    private static int[] Mmr(FrontierCandidates c, float lambda)
    {
        var (picked, gains) = (new int[PageSize], new double[PageSize]);
        return picked[..new MarginalRelevance().Select(c.Vectors, c.Dimension, c.User.Relevance, lambda, PageSize, Scene.ReRank.Window, picked, gains)];
    }

    private static int[] Dpp(FrontierCandidates c, float theta, int picks)
    {
        var quality = new float[c.User.Relevance.Length];
        for (var i = 0; i < quality.Length; i++)
            quality[i] = GreedyDpp.Quality(c.User.Relevance[i], theta);
        var (picked, gains) = (new int[picks], new double[picks]);
        return picked[..new GreedyDpp().Select(c.Vectors, c.Dimension, quality, picks, Scene.ReRank.Window, picked, gains).Count];
    }

    /// <summary>
    /// Plackett-Luce by the Gumbel trick (Yellott 1977): the order of log s_i / T + Gumbel noise is a draw without replacement in proportion to s_i^(1/T).
    /// </summary>
    private static int[] Noise(FrontierCandidates c, double temperature)
    {
        // The same draws at every temperature: strengths then differ by strength alone.
        var random = new Random((int)c.User.Seed);
        var keys = new float[c.User.Scores.Length];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = (float)((Math.Log(Math.Max(c.User.Scores[i], 1e-6)) / temperature) - Math.Log(-Math.Log(1 - random.NextDouble())));
        return Evaluate.EvaluateMetrics.Top(keys, InOrder(c), PageSize);
    }
}
