using System.Collections.Concurrent;
using KgOrleans.Kernels;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Grains.Recommend;

/// <summary>What a diversity step picked.</summary>
/// <param name="Order">Indexes of the picks, in order.</param>
/// <param name="Gains">Gain of each pick; null for one that was filled in by relevance.</param>
internal sealed record DiversePicks(int[] Order, double?[] Gains);

/// <summary>Pooled workspaces of the DPP kernel, and the mapping from columns to its inputs (DESIGN section 7).</summary>
public sealed class DppWorkspaces
{
    // Share of the similarity vector that the kind takes: works of different kinds are never more than this alike by kind alone.
    private const float KindShare = 0.1f;

    private static readonly int Kinds = Enum.GetValues<ItemKind>().Length;
    private readonly ConcurrentBag<GreedyDpp> _pool = [];

    /// <summary>Picks from a block.</summary>
    /// <param name="block">Candidates, and perhaps more rows behind them.</param>
    /// <param name="relevance">Relevance of each candidate, 0..1; its length says how many there are.</param>
    /// <param name="theta">Trade-off.</param>
    /// <param name="picks">Picks wanted.</param>
    /// <param name="window">Diversity window; 0 for none.</param>
    /// <param name="served">Works served before, oldest first, that the window spans; null for none.</param>
    internal DiversePicks Select(ItemBlock block, ReadOnlySpan<float> relevance, float theta, int picks, int window, ItemBlock? served)
    {
        if (relevance.Length == 0 || picks == 0)
            return new DiversePicks([], []);
        var dimension = block.ContentDimension + Kinds;
        var quality = new float[relevance.Length];
        for (var i = 0; i < quality.Length; i++)
            quality[i] = GreedyDpp.Quality(relevance[i], theta);
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

    /// <summary>f = [sqrt(1-b) content, sqrt(b) onehot(kind)]: unit length by construction.</summary>
    private static float[] Similarity(ItemBlock block, int count, int dimension)
    {
        var vectors = new float[count * dimension];
        for (var i = 0; i < count; i++)
            KindPrior.Fill(block.ContentOf(i), (int)block.Rows[i].Kind, KindShare, vectors.AsSpan(i * dimension, dimension));
        return vectors;
    }
}
