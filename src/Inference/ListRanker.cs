using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference;

/// <summary>
/// Scores a list as a whole with the bundle's list-wise re-ranker: the score of an item may depend on the items beside it and on the ranker's order.
/// </summary>
public sealed class ListRanker : IDisposable
{
    /// <summary>
    /// Name of the graph's input that no feature fills. A row holds the fused score, then the probability of each objective. Rows of padding are zeros; no item
    /// has a fused score of 0.
    /// </summary>
    public const string FineScores = "fine_scores";

    private readonly int _fineScores;

    internal ListRanker(GraphRunner graph)
    {
        Graph = graph;
        _fineScores = graph.Inputs.Count - 1;
    }

    internal GraphRunner Graph { get; }

    /// <summary>Longest list.</summary>
    public int MaxLength => Graph.BatchSize;

    /// <summary>Scores a list, best first, in one run.</summary>
    /// <param name="user">The user.</param>
    /// <param name="items">Columns that hold the items.</param>
    /// <param name="rows">Row of each item of the list, best first; at most <see cref="MaxLength"/>.</param>
    /// <param name="fused">Fused score of every row of <paramref name="items"/>.</param>
    /// <param name="probabilities">Probability of each objective, one row for each row of <paramref name="items"/>; empty when the ranker did not run.</param>
    /// <param name="context">The request.</param>
    /// <param name="scores">Receives one score for each item of the list: any number, larger is better.</param>
    /// <returns>Whether all scores are finite.</returns>
    public bool Score(
        UserSnapshot user,
        ItemBlock items,
        ReadOnlySpan<int> rows,
        ReadOnlySpan<float> fused,
        ReadOnlySpan<float> probabilities,
        RequestContext context,
        Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, MaxLength, nameof(rows));
        var columns = items.Rows;
        var width = Graph.Inputs[_fineScores].Width;
        var buffers = Graph.Rent();
        try
        {
            buffers.User.Set(user);
            Graph.FillRequest(buffers, new FeatureSource(buffers.User, context));
            Graph.ClearItems(buffers, rows.Length);
            for (var i = 0; i < rows.Length; i++)
            {
                Graph.FillItem(buffers, i, new FeatureSource(buffers.User, ref columns[rows[i]], items.ContentOf(rows[i]), context));
                var fine = buffers.Floats(_fineScores).Slice(i * width, width);
                fine[0] = fused[rows[i]];
                if (!probabilities.IsEmpty)
                    probabilities.Slice(rows[i] * (width - 1), width - 1).CopyTo(fine[1..]);
            }
            Graph.Run(buffers);
            buffers.Output.AsSpan(0, rows.Length).CopyTo(scores);
        }
        finally
        {
            Graph.Return(buffers);
        }
        foreach (var score in scores[..rows.Length])
        {
            if (!float.IsFinite(score))
                return false;
        }
        return true;
    }

    /// <inheritdoc />
    public void Dispose() => Graph.Dispose();
}
