using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference;

/// <summary>Scores items for a user with the fine ranker.</summary>
public sealed class Ranker : IDisposable
{
    internal Ranker(GraphRunner graph) => Graph = graph;

    internal GraphRunner Graph { get; }

    /// <summary>Logits of one item.</summary>
    public int ObjectiveCount => Graph.OutputWidth;

    /// <summary>
    /// Scores all items of a block, in fixed padded batches: an item's logits do not depend, to the bit, on the items beside it or on its position.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="items">The items.</param>
    /// <param name="context">The request.</param>
    /// <param name="logits">Destination, Count x <see cref="ObjectiveCount"/> values, a row an item. A logit that is not finite is written as NaN: the caller drops that item's objective or the item.</param>
    public void Score(UserSnapshot user, ItemBlock items, RequestContext context, Span<float> logits)
    {
        if (logits.Length < items.Count * ObjectiveCount)
            throw new ArgumentException($"has {logits.Length} elements, {items.Count * ObjectiveCount} are needed", nameof(logits));
        Pass(user, items, context, logits, run: true);
    }

    /// <summary>Fills the tensors of every batch as <see cref="Score"/> does and computes nothing: what a profile takes off, to see the graph alone.</summary>
    /// <param name="user">The user.</param>
    /// <param name="items">The items.</param>
    /// <param name="context">The request.</param>
    public void Fill(UserSnapshot user, ItemBlock items, RequestContext context) => Pass(user, items, context, [], run: false);

    /// <inheritdoc />
    public void Dispose() => Graph.Dispose();

    private void Pass(UserSnapshot user, ItemBlock items, RequestContext context, Span<float> logits, bool run)
    {
        var rows = items.Rows;
        var buffers = Graph.Rent();
        try
        {
            buffers.User.Set(user);
            Graph.FillRequest(buffers, new FeatureSource(buffers.User, context.Now));
            for (var first = 0; first < items.Count; first += Graph.BatchSize)
            {
                var count = Math.Min(Graph.BatchSize, items.Count - first);
                for (var i = 0; i < count; i++)
                    Graph.FillItem(buffers, i, new FeatureSource(buffers.User, ref rows[first + i], items.ContentOf(first + i), context.Now));
                Graph.ClearItems(buffers, count);
                if (!run)
                    continue;
                Graph.Run(buffers);
                Copy(buffers.Output.AsSpan(0, count * ObjectiveCount), logits[(first * ObjectiveCount)..]);
            }
        }
        finally
        {
            Graph.Return(buffers);
        }
    }

    private static void Copy(ReadOnlySpan<float> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
            destination[i] = float.IsFinite(source[i]) ? source[i] : float.NaN;
    }
}
