using System.Collections.Concurrent;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;

namespace KgOrleans.Grains.Recommend;

/// <summary>What a diversity step picked.</summary>
/// <param name="Order">Indexes of the picks, in order.</param>
/// <param name="Gains">Gain of each pick; null for one that was filled in by relevance.</param>
internal sealed record DiversePicks(int[] Order, double?[] Gains);

/// <summary>Pooled workspaces of the diversity steps, and the mapping from columns to the inputs of the DPP kernel.</summary>
public sealed class DppWorkspaces
{
    // Share of the similarity vector that the kind takes: works of different kinds are never more than this alike by kind alone.
    private const float KindShare = 0.1f;

    private static readonly int Kinds = Enum.GetValues<ItemKind>().Length;
    private readonly ConcurrentBag<GreedyDpp> _pool = [];
    private readonly ConcurrentBag<DiversitySelector> _lines = [];
    private readonly ConcurrentBag<ReRanker> _reRankers = [];

    /// <summary>Picks from a block.</summary>
    /// <param name="block">Candidates, and perhaps more rows behind them.</param>
    /// <param name="relevance">Relevance of each candidate, 0..1; its length says how many there are.</param>
    /// <param name="theta">Trade-off: theta of the DPP, lambda of MMR, the greatest cosine of scatter.</param>
    /// <param name="picks">Picks wanted.</param>
    /// <param name="window">Diversity window; 0 for none.</param>
    /// <param name="served">Works served before, oldest first, that the window spans; null for none.</param>
    /// <param name="weights">Traffic weight of each candidate (<see cref="TrafficWeights"/>), positive: multiplied into the quality of the DPP and into the relevance of the other methods. Empty for 1.</param>
    /// <param name="method">How to pick.</param>
    internal DiversePicks Select(
        ItemBlock block, ReadOnlySpan<float> relevance, float theta, int picks, int window, ItemBlock? served, ReadOnlySpan<float> weights = default, DiversityMethod method = DiversityMethod.Dpp)
    {
        if (relevance.Length == 0 || picks == 0)
            return new DiversePicks([], []);
        picks = Math.Min(picks, relevance.Length);
        if (method != DiversityMethod.Dpp)
            return Follow(block, relevance, new DiversitySettings(method, theta, window, KindShare), picks, served, weights);
        var dimension = block.ContentDimension + Kinds;
        var quality = new float[relevance.Length];
        for (var i = 0; i < quality.Length; i++)
            quality[i] = GreedyDpp.Quality(relevance[i], theta, weights.IsEmpty ? 1 : weights[i]);
        var order = new int[picks];
        var gains = new double[picks];
        var context = served is { Count: > 0 } ? served : null;
        // A served work counts as fully relevant: how relevant it was then does not matter for how alike the next one is.
        var contextQuality = new float[context?.Count ?? 0];
        Array.Fill(contextQuality, 1f);
        var workspace = _pool.TryTake(out var pooled) ? pooled : new GreedyDpp();
        var result = workspace.Select(
            Similarity(block, quality.Length, dimension), dimension, quality, context is null ? [] : Similarity(context, context.Count, dimension), contextQuality, picks, window, order, gains);
        _pool.Add(workspace);
        var honest = new double?[result.Count];
        for (var i = 0; i < result.Honest; i++)
            honest[i] = gains[i];
        return new DiversePicks(order[..result.Count], honest);
    }

    /// <summary>Picks a page by rules and diversity.</summary>
    internal ReRankOutcome ReRank(ReRankInput input)
    {
        var reRanker = _reRankers.TryTake(out var pooled) ? pooled : new ReRanker();
        var outcome = reRanker.Pick(input);
        _reRankers.Add(reRanker);
        return outcome;
    }

    private DiversePicks Follow(ItemBlock block, ReadOnlySpan<float> relevance, in DiversitySettings settings, int picks, ItemBlock? served, ReadOnlySpan<float> weights)
    {
        var rows = new int[relevance.Length];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = i;
        var line = _lines.TryTake(out var pooled) ? pooled : new DiversitySelector();
        line.Begin(settings, block, rows, relevance, weights, served, picks);
        var (order, gains) = (new int[picks], new double?[picks]);
        for (var n = 0; n < picks; n++)
        {
            var values = line.Values();
            var best = 0;
            for (var i = 1; i < values.Length; i++)
                best = values[i] > values[best] ? i : best;
            (order[n], gains[n]) = (best, line.Take(best, isLast: n + 1 == picks));
        }
        _lines.Add(line);
        return new DiversePicks(order, gains);
    }

    /// <summary>f = [sqrt(1-b) content, sqrt(b) onehot(kind)]: unit length by construction.</summary>
    private static float[] Similarity(ItemBlock block, int count, int dimension)
    {
        var vectors = new float[count * dimension];
        for (var i = 0; i < count; i++)
            KindPrior.Fill(block.ContentOf(i), (int)block.Rows[i].Kind, KindShare, vectors.AsSpan(i * dimension, dimension));
        return vectors;
    }
}
