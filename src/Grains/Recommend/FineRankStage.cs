using KgOrleans.Grains.Scoring;
using KgOrleans.Inference;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Candidates after fine ranking. Nothing is moved or copied: the order holds indexes.</summary>
/// <param name="Candidates">What recall knew of them.</param>
/// <param name="Block">Their columns.</param>
/// <param name="Fused">Fused score per candidate, 0..1; of the pre-ranker when the ranker did not run; NaN for one that was dropped.</param>
/// <param name="Probabilities">Calibrated probability of each objective, one row a candidate; empty when the ranker did not run.</param>
/// <param name="Scores">Fused score times the scene's boosts: candidates are ordered by it.</param>
/// <param name="Order">Candidates by score, best first, without those that were dropped.</param>
/// <param name="Keep">How many of the best go on to re-ranking. Rules fall back on the others when these do not suffice.</param>
internal sealed record RankedCandidates(
    List<MergedCandidate> Candidates, ItemBlock Block, float[] Fused, float[] Probabilities, float[] Scores, int[] Order, int Keep);

/// <summary>
/// Scores the candidates with the fine ranker and fuses its objectives. Without a ranker in the bundle the pre-rank order stands. When the ranker cannot run,
/// it stands as well, and the answer says so.
/// </summary>
internal sealed partial class FineRankStage(ScoringPool pool, ILogger logger)
{
    // A thread gets at least this many batches; fewer do not pay.
    private const int LeastBatches = 2;

    // Some tens of milliseconds on one core with the demo's ranker.
    private const int MostBatches = 8;

    /// <summary>Whether a request has a ranker whose objectives its scene fuses.</summary>
    public static bool HasRanker(FunnelRequest request) =>
        UsesRanker(request) && request.Model is { Ranker: not null } model && !new FusionPlan(request.Settings.FineRank, model.Objectives).IsEmpty;

    // A scene that leaves the ranker out wants the pre-rank order: nothing is missing from its answers.
    private static bool UsesRanker(FunnelRequest request) => request.Settings.FineRank.Ranker == FineRanker.Model;

    /// <summary>Ranks candidates.</summary>
    /// <param name="request">The request.</param>
    /// <param name="input">The candidates.</param>
    /// <param name="narrowed">How many more pre-ranking kept, which are not ranked under load.</param>
    /// <param name="budget">Ends the ranker: the pre-rank order then stands.</param>
    /// <param name="deadline">Ends the request.</param>
    public async Task<RankedCandidates> RunAsync(
        FunnelRequest request, HydratedCandidates input, int narrowed, CancellationToken budget, CancellationToken deadline)
    {
        RankedCandidates? ranked = null;
        if (UsesRanker(request) && request.Model is { Ranker: { } ranker } model)
        {
            try
            {
                ranked = await RankAsync(request, model, ranker, input, budget);
            }
            catch (Exception e) when (e is ScoringOverloadedException or OperationCanceledException && !deadline.IsCancellationRequested)
            {
                var reason = e is ScoringOverloadedException ? Degradations.RankerOverloaded : Degradations.RankerTimeout;
                request.Clock.Degrade(reason, "the ranker did not run in its time; items stand in pre-rank order");
            }
        }
        ranked ??= Fallback(request, input);
        var dropped = new Dictionary<string, int>();
        if (narrowed > 0)
            dropped.Add(Degradations.AdaptiveWidth.Reason, narrowed);
        if (ranked.Order.Length < ranked.Candidates.Count)
            dropped.Add(Degradations.NotFinite.Reason, ranked.Candidates.Count - ranked.Order.Length);
        request.Clock.End("fineRank", input.Candidates.Count + narrowed, ranked.Keep, dropped.Count == 0 ? null : dropped);
        return ranked;
    }

    /// <summary>The pre-rank order with the pre-rank score as relevance.</summary>
    private static RankedCandidates Fallback(FunnelRequest request, HydratedCandidates input)
    {
        var scores = new float[input.Candidates.Count];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = RecallMerge.RelevanceOf(input.Candidates[i]);
        return Order(request, input, scores, []);
    }

    // Null when the ranker cannot be used; the clock then holds the reason.
    private async Task<RankedCandidates?> RankAsync(
        FunnelRequest request, ModelBundle model, Ranker ranker, HydratedCandidates input, CancellationToken budget)
    {
        var count = input.Candidates.Count;
        var fusion = new FusionPlan(request.Settings.FineRank, model.Objectives);
        if (fusion.IsEmpty)
            return Without(Degradations.NoObjective, "the scene's fusion names no objective of the bundle");
        var logits = new float[count * model.Objectives.Count];
        try
        {
            await ScoreAsync(request, ranker, input.Block, logits, budget);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or ScoringOverloadedException or OperationCanceledException))
        {
            LogRankerFailed(e, model.Version);
            return Without(Degradations.RankerFailed, "the ranker failed");
        }
        var scores = new float[count];
        var dropped = fusion.Fuse(logits, scores);
        if (dropped == count && count > 0)
            return Without(Degradations.NotFinite, "the ranker gave no finite score");
        if (dropped > 0)
            request.Clock.Degrade(Degradations.NotFinite, $"{dropped} candidates were dropped: the ranker gave no finite score");
        return Order(request, input, scores, logits);

        RankedCandidates? Without(DegradationReason reason, string why)
        {
            request.Clock.Degrade(reason, $"{why}; items stand in pre-rank order");
            return null;
        }
    }

    // Whole batches go to the threads that are free now: a single request gets done sooner, and under load nothing is split.
    private Task ScoreAsync(FunnelRequest request, Ranker ranker, ItemBlock items, float[] logits, CancellationToken budget)
    {
        var (width, context) = (ranker.ObjectiveCount, request.RankerContext);
        var batches = (items.Count + ranker.BatchSize - 1) / ranker.BatchSize;
        var parts = Math.Clamp(pool.Idle, 1, Math.Max(1, batches / LeastBatches));
        // No part keeps a thread from other scenes for long.
        parts = Math.Max(parts, (batches + MostBatches - 1) / MostBatches);
        var jobs = new Task[parts];
        for (var part = 0; part < parts; part++)
        {
            var first = batches * part / parts * ranker.BatchSize;
            var count = Math.Min(items.Count, batches * (part + 1) / parts * ranker.BatchSize) - first;
            jobs[part] = pool.Run(
                request.SceneKey,
                () =>
                {
                    ranker.Score(request.User.Snapshot, items, first, count, context, logits.AsSpan(first * width, count * width));
                    return true;
                },
                budget);
        }
        return Task.WhenAll(jobs);
    }

    private static RankedCandidates Order(FunnelRequest request, HydratedCandidates input, float[] fused, float[] probabilities)
    {
        var rows = input.Block.Rows;
        var scores = fused;
        if (request.Scene.Boosts.Count > 0)
        {
            scores = new float[fused.Length];
            TrafficWeights.Fill(request.Scene.Boosts, rows, request.ScoreTime, scores, input.Block.Attributes);
            for (var i = 0; i < scores.Length; i++)
                scores[i] *= fused[i];
        }
        var order = ScoreOrder.Of(rows, scores);
        // A large page needs more to choose from, or its last positions could not obey the rules.
        var keep = Math.Max(request.Settings.FineRank.Keep, ReRankStage.Wanted(request));
        return new RankedCandidates(input.Candidates, input.Block, fused, probabilities, scores, order, Math.Min(order.Length, keep));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The ranker of bundle {Version} failed; the page is served in pre-rank order")]
    private partial void LogRankerFailed(Exception e, string version);
}
