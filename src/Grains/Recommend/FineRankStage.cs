using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Candidates after fine ranking, best first.</summary>
/// <param name="Candidates">What recall knew of them.</param>
/// <param name="Block">Their columns.</param>
/// <param name="Fused">Fused score, 0..1; of the pre-ranker when the ranker did not run.</param>
/// <param name="Probabilities">Probability of each objective, one row a candidate; empty when the ranker did not run.</param>
/// <param name="Keep">How many of the best go on to re-ranking; the others are there for rules that those cannot meet.</param>
internal sealed record RankedCandidates(List<MergedCandidate> Candidates, ItemBlock Block, float[] Fused, float[] Probabilities, int Keep);

/// <summary>Scores the survivors with the fine ranker and fuses its objectives. When it cannot run, the pre-rank order stands and the answer says so.</summary>
internal sealed partial class FineRankStage(ScoringPool pool, ILogger logger)
{
    public async Task<RankedCandidates> RunAsync(FunnelRequest request, HydratedCandidates input, CancellationToken budget, CancellationToken deadline)
    {
        // A page larger than usual needs more to choose from, or rules could not hold to its end.
        var keep = Math.Max(request.Settings.FineRank.Keep, ReRankStage.Wanted(request));
        RankedCandidates? ranked = null;
        if (request.Model is { } model)
        {
            try
            {
                (ranked, var degradation) = await pool.Run(() => Rank(request, model, input, keep), budget);
                if (degradation is not null)
                    request.Clock.Degrade(degradation.Stage, degradation.Reason, degradation.Detail);
            }
            catch (Exception e) when (e is ScoringOverloadedException or OperationCanceledException && !deadline.IsCancellationRequested)
            {
                var reason = e is ScoringOverloadedException ? "overloaded" : "timeout";
                request.Clock.Degrade("fineRank", reason, "the ranker did not run in its time; works stand in pre-rank order");
            }
        }
        ranked ??= Fallback(input, keep);
        request.Clock.End("fineRank", input.Candidates.Count, ranked.Keep);
        return ranked;
    }

    /// <summary>The pre-rank order with the pre-rank score as relevance.</summary>
    private static RankedCandidates Fallback(HydratedCandidates input, int keep)
    {
        var scores = input.Candidates.Select(RecallMerge.Relevance).ToArray();
        return Order(input, scores, [], 0, keep);
    }

    private (RankedCandidates? Ranked, Degradation? Degradation) Rank(FunnelRequest request, ModelBundle model, HydratedCandidates input, int keep)
    {
        var count = input.Candidates.Count;
        var objectives = model.Objectives.Count;
        var logits = new float[count * objectives];
        try
        {
            model.Ranker.Score(request.User.Snapshot, input.Block, new KgOrleans.Inference.RequestContext(request.ScoreTime, ContextOf(request.Command.Context)), logits);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogRankerFailed(e, model.Version);
            return (null, new Degradation("fineRank", "rankerFailed", "the ranker failed; works stand in pre-rank order"));
        }
        var exponents = new float[objectives];
        for (var k = 0; k < objectives; k++)
            exponents[k] = (float)request.Settings.FineRank.Fusion.Product.GetValueOrDefault(model.Objectives[k]);
        var scores = new float[count];
        var dropped = 0;
        for (var i = 0; i < count; i++)
        {
            scores[i] = Fusion.GeometricMean(logits.AsSpan(i * objectives, objectives), exponents);
            dropped += float.IsNaN(scores[i]) ? 1 : 0;
        }
        if (dropped == count && count > 0)
            return (null, new Degradation("fineRank", "notFinite", "the ranker gave no finite score; works stand in pre-rank order"));
        var degradation = dropped == 0 ? null : new Degradation("fineRank", "notFinite", $"{dropped} candidates were dropped: the ranker gave no finite score");
        for (var i = 0; i < logits.Length; i++)
            logits[i] = Fusion.Sigmoid(logits[i]);
        return (Order(input, scores, logits, objectives, keep), degradation);
    }

    private static RankedCandidates Order(HydratedCandidates input, float[] scores, float[] probabilities, int objectives, int keep)
    {
        var order = Enumerable.Range(0, scores.Length).Where(i => !float.IsNaN(scores[i])).ToArray();
        Array.Sort(order, (a, b) => scores[a] != scores[b] ? scores[b].CompareTo(scores[a]) : input.Candidates[a].Key.CompareTo(input.Candidates[b].Key));
        var block = new ItemBlock(order.Length, input.Block.ContentDimension, input.Block.EmbeddingDimension);
        var kept = new float[order.Length * objectives];
        for (var i = 0; i < order.Length; i++)
        {
            block.CopyRow(i, input.Block, order[i]);
            probabilities.AsSpan(order[i] * objectives, objectives).CopyTo(kept.AsSpan(i * objectives));
        }
        return new RankedCandidates([.. order.Select(i => input.Candidates[i])], block, [.. order.Select(i => scores[i])], kept, Math.Min(order.Length, keep));
    }

    /// <summary>The request's context as features read it.</summary>
    internal static Dictionary<string, string>? ContextOf(byte[]? json)
    {
        if (json is null)
            return null;
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The ranker of bundle {Version} failed")]
    private partial void LogRankerFailed(Exception e, string version);
}
