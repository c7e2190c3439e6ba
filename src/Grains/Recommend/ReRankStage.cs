using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;

namespace KgOrleans.Grains.Recommend;

/// <summary>The page.</summary>
/// <param name="Ranked">Candidates that it was picked from.</param>
/// <param name="Order">Indexes of the page's works, in order.</param>
/// <param name="Relevance">Relevance that diversity worked with, per candidate.</param>
/// <param name="Gains">Gain of the diversity step, per candidate; null for one that it did not pick.</param>
/// <param name="Relaxed">Per rule how often it gave way.</param>
internal sealed record Page(RankedCandidates Ranked, List<int> Order, float[] Relevance, double?[] Gains, int[] Relaxed);

/// <summary>The article's second DPP, on fine scores, then the window rules. Both span the border to the pages served before.</summary>
internal sealed class ReRankStage(ScoringPool pool, DppWorkspaces workspaces)
{
    // Rules pass over works that break them, so diversity picks more than a page: enough for every other pick to be passed over.
    private const int Spare = 20;

    /// <summary>Works that re-ranking wants to choose from.</summary>
    public static int Wanted(FunnelRequest request) => (2 * PageLength(request)) + Spare;

    public async Task<Page> RunAsync(FunnelRequest request, RankedCandidates ranked, ItemBlock served, CancellationToken deadline)
    {
        var page = await pool.Run(() => Pick(request, ranked, served), deadline);
        request.Clock.End("reRank", ranked.Keep, page.Order.Count);
        return page;
    }

    private Page Pick(FunnelRequest request, RankedCandidates ranked, ItemBlock served)
    {
        var settings = request.Settings.ReRank;
        var relevance = (float[])ranked.Fused.Clone();
        // Scaled over the works that diversity chooses from; those behind them are worth less than the least of these.
        Fusion.ToRelevance(relevance.AsSpan(0, ranked.Keep));
        relevance.AsSpan(ranked.Keep).Clear();
        var picks = workspaces.Select(ranked.Block, relevance.AsSpan(0, ranked.Keep), (float)settings.Theta, Math.Min(ranked.Keep, Wanted(request)), settings.Window, served);
        var gains = new double?[ranked.Candidates.Count];
        for (var i = 0; i < picks.Order.Length; i++)
            gains[picks.Order[i]] = picks.Gains[i];
        var order = picks.Order.Concat(Enumerable.Range(0, ranked.Candidates.Count).Except(picks.Order)).ToArray();
        var outcome = RuleWindows.Apply(ranked.Block, order, served.Rows.ToArray(), settings.Rules, PageLength(request));
        return new Page(ranked, outcome.Order, relevance, gains, outcome.Relaxed);
    }

    /// <summary>Works on this page: what was asked for, as far as the chain of pages may still serve.</summary>
    private static int PageLength(FunnelRequest request) => Math.Min(request.Command.PageSize, KgOrleans.Ranking.Limits.PagedItems - (request.Page?.Served.Length ?? 0));
}
