using System.Collections.Concurrent;
using KgOrleans.Grains.Scoring;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>The page.</summary>
/// <param name="Ranked">Candidates that it was picked from.</param>
/// <param name="Order">Indexes of the page's items, in order.</param>
/// <param name="Items">How each of them came to its position.</param>
/// <param name="Relevance">Relevance that diversity worked with, per candidate.</param>
/// <param name="Gains">Gain of the diversity step, per candidate; null for one that it did not pick.</param>
/// <param name="ListWise">Score of the list-wise re-ranker, per candidate, NaN for one that it did not score; null when it did not run.</param>
/// <param name="Propensities">Probability with which exploration drew each candidate at its place, NaN for one that it did not draw; null when the request
/// does not explore.</param>
/// <param name="Relaxed">How often each rule, and each pin, gave way, by name.</param>
/// <param name="Traffic">What traffic classes were owed and got; null when none has a share.</param>
internal sealed record Page(
    RankedCandidates Ranked, List<int> Order, ReRankedItem[] Items, float[] Relevance, double?[] Gains, float[]? ListWise, double[]? Propensities,
    Dictionary<string, int> Relaxed, TrafficPlan? Traffic);

/// <summary>
/// From scores to a page: the optional list-wise re-ranker and exploration, then diversity (the article's second DPP) and the rules, position by position.
/// Diversity and rules also look at earlier pages and at what the session showed.
/// </summary>
internal sealed partial class ReRankStage(ScoringPool pool, TrafficLedger traffic, ILogger logger)
{
    // Rules skip items that break them. Twice the page and this many more leave enough even when every other item is skipped.
    private const int Spare = 20;

    private readonly ConcurrentBag<ReRanker> _reRankers = [];

    /// <summary>Items that re-ranking wants to choose from.</summary>
    public static int Wanted(FunnelRequest request) => (2 * PageLength(request)) + Spare;

    public async Task<Page> RunAsync(FunnelRequest request, RankedCandidates ranked, ServedContext served, CancellationToken deadline)
    {
        var (page, failed) = await pool.Run(request.SceneKey, () => Pick(request, ranked, served), deadline);
        if (failed)
            request.Clock.Degrade(Degradations.ReRankerFailed, "the list-wise re-ranker failed; the fine ranker's scores stand");
        request.Clock.End("reRank", ranked.Keep, page.Order.Count);
        return page;
    }

    private (Page Page, bool ListWiseFailed) Pick(FunnelRequest request, RankedCandidates ranked, ServedContext served)
    {
        var settings = request.Settings.ReRank;
        var rows = ranked.Block.Rows;
        var count = ranked.Candidates.Count;
        var (order, scores, keep) = (ranked.Order, ranked.Scores, ranked.Keep);
        var listWise = ListWise(request, ranked, ref order, ref scores, ref keep, out var failed);
        var relevance = new float[keep];
        for (var i = 0; i < relevance.Length; i++)
            relevance[i] = scores[order[i]];
        // Scaled over the items that diversity chooses from; all others count less.
        RelevanceScale.Rescale(relevance);
        var propensities = Explore(request, ranked, ref order, scores, keep);

        var (rules, now) = (request.Scene.Rules, request.ScoreTime);
        var items = new RuleItem[order.Length];
        var shares = new uint[rules.ShareCount == 0 ? 0 : order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            items[i] = rules.Describe(in rows[order[i]], now, ranked.Block.Attributes?[order[i]]);
            if (shares.Length > 0)
                shares[i] = rules.SharesOf(in rows[order[i]], ranked.Candidates[order[i]].ChannelScores, now, ranked.Block.Attributes?[order[i]]);
        }
        var (pins, skipped) = Pins(request, ranked, order);
        var plan = traffic.Plan(request.Scene, Math.Min(PageLength(request), order.Length));
        var reRanker = _reRankers.TryTake(out var pooled) ? pooled : new ReRanker();
        var outcome = reRanker.Pick(new ReRankInput
        {
            Block = ranked.Block,
            Order = order,
            Keep = keep,
            Relevance = relevance,
            Weights = Traffic(request, ranked.Block, order.AsSpan(0, keep)),
            Diversity = new DiversitySettings(settings.Diversity, TasteBreadth.ThetaFor(settings.Theta, settings.BreadthEffect, request.User.Snapshot),
                settings.Window, (float)settings.KindShare),
            Rules = rules,
            RuleItems = items,
            Shares = shares,
            Quotas = plan?.Quotas ?? [],
            ServedItems = served.Items,
            Served = served.Block,
            Pins = pins,
            Length = PageLength(request),
        });
        _reRankers.Add(reRanker);

        var (final, gains) = (new float[count], new double?[count]);
        for (var i = 0; i < relevance.Length; i++)
            final[order[i]] = relevance[i];
        foreach (var item in outcome.Items)
            gains[item.Row] = item.Gain;
        var relaxed = new Dictionary<string, int>();
        for (var i = 0; i < outcome.Relaxed.Length; i++)
        {
            if (outcome.Relaxed[i] > 0)
                relaxed[rules.Names[i]] = relaxed.GetValueOrDefault(rules.Names[i]) + outcome.Relaxed[i];
        }
        foreach (var pin in skipped)
            relaxed[$"pin {pin.ItemId} at {pin.Position}"] = 1;
        if (plan is not null)
            CountTraffic(plan, outcome, order, shares, rules);
        return (new Page(ranked, [.. outcome.Items.Select(w => w.Row)], outcome.Items, final, gains, listWise, propensities, relaxed, plan), failed);
    }

    // List-wise scores of the best items, which order them from here on. Diversity no longer chooses from items beyond the longest list.
    private float[]? ListWise(FunnelRequest request, RankedCandidates ranked, ref int[] order, ref float[] scores, ref int keep, out bool failed)
    {
        failed = false;
        if (!request.Settings.ReRank.ListWise || request.Model is not { ReRanker: { } reRanker } model || keep == 0)
            return null;
        var length = Math.Min(keep, reRanker.MaxLength);
        var given = new float[length];
        try
        {
            failed = !reRanker.Score(request.User.Snapshot, ranked.Block, order.AsSpan(0, length), ranked.Fused, ranked.Probabilities,
                request.RankerContext, given);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogReRankerFailed(e, model.Version);
            failed = true;
        }
        if (failed)
            return null;
        var listWise = new float[ranked.Candidates.Count];
        Array.Fill(listWise, float.NaN);
        var list = (float[])listWise.Clone();
        for (var i = 0; i < length; i++)
        {
            var row = order[i];
            var boost = ranked.Fused[row] > 0 ? scores[row] / ranked.Fused[row] : 1;
            (listWise[row], list[row]) = (given[i], RelevanceScale.Sigmoid(given[i]) * boost);
        }
        (order, scores, keep) = ([.. ScoreOrder.Of(ranked.Block.Rows, list), .. order.AsSpan(length)], list, length);
        return listWise;
    }

    private static double[]? Explore(FunnelRequest request, RankedCandidates ranked, ref int[] order, float[] scores, int keep)
    {
        var settings = request.Settings.Exploration;
        if (!Exploration.IsChosen(request.Seed, settings.Share) || keep == 0)
            return null;
        var keys = new ulong[keep];
        var kept = new float[keep];
        for (var i = 0; i < keys.Length; i++)
            (keys[i], kept[i]) = (ranked.Block.Rows[order[i]].Key, scores[order[i]]);
        var (drawn, drawnWith) = (new int[keys.Length], new double[keys.Length]);
        Exploration.Draw(request.Seed, request.Page?.Served.Length ?? 0, keys, kept, settings.Temperature, drawn, drawnWith);
        var explored = (int[])order.Clone();
        var propensities = new double[ranked.Candidates.Count];
        Array.Fill(propensities, double.NaN);
        for (var i = 0; i < drawn.Length; i++)
        {
            explored[i] = order[drawn[i]];
            propensities[explored[i]] = drawnWith[i];
        }
        order = explored;
        return propensities;
    }

    private static void CountTraffic(TrafficPlan plan, ReRankOutcome outcome, int[] order, uint[] shares, RuleSet rules)
    {
        foreach (var item in outcome.Items)
        {
            var mask = shares[Array.IndexOf(order, item.Row)];
            for (var c = 0; c < plan.Served.Length; c++)
                plan.Served[c] += (int)(mask >> (rules.ShareCount - rules.QuotaCount + c) & 1);
        }
    }

    private static float[] Traffic(FunnelRequest request, ItemBlock items, ReadOnlySpan<int> order)
    {
        if (request.Scene.Traffic.Count == 0)
            return [];
        var all = new float[items.Count];
        TrafficWeights.Fill(request.Scene.Traffic, items.Rows, request.ScoreTime, all, items.Attributes);
        var weights = new float[order.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = all[order[i]];
        return weights;
    }

    private static (PinnedItem[] Pins, List<Pin> Skipped) Pins(FunnelRequest request, RankedCandidates ranked, int[] order)
    {
        var (pins, skipped) = (new List<PinnedItem>(), new List<Pin>());
        var length = Math.Min(PageLength(request), order.Length);
        foreach (var pin in PinStage.PinsOf(request))
        {
            var candidate = pin.Position < length ? Array.FindIndex(order, row => ranked.Block.Ids[row] == pin.ItemId) : -1;
            if (candidate < 0 || pins.Exists(p => p.Candidate == candidate))
                skipped.Add(pin);
            else
                pins.Add(new PinnedItem(candidate, pin.Position));
        }
        return ([.. pins], skipped);
    }

    /// <summary>Items on this page: as many as asked for, within what the chain of pages may still serve.</summary>
    private static int PageLength(FunnelRequest request) => Math.Min(request.Command.PageSize, Limits.PagedItems - (request.Page?.Served.Length ?? 0));

    [LoggerMessage(Level = LogLevel.Error, Message = "The list-wise re-ranker of bundle {Version} failed; the fine ranker's scores stand")]
    private partial void LogReRankerFailed(Exception e, string version);
}
