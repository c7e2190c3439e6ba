using KgOrleans.Inference.Factors;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference;

/// <summary>Scores items for a user with the fine ranker.</summary>
public sealed class Ranker : IDisposable
{
    private readonly FactorSpace? _factors;

    internal Ranker(GraphRunner graph, FactorSpace? factors = null) => (Graph, _factors) = (graph, factors);

    internal GraphRunner Graph { get; }

    /// <summary>Logits of one item.</summary>
    public int ObjectiveCount => Graph.OutputWidth;

    /// <summary>Items of a batch.</summary>
    public int BatchSize => Graph.BatchSize;

    /// <summary>
    /// Scores all items of a block in fixed, padded batches: the logits of an item are the same to the bit whatever its position and the items beside it.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="items">The items.</param>
    /// <param name="context">The request. In a bundle of factors it holds the user's head; without one an <see cref="ArgumentException"/> is thrown.</param>
    /// <param name="logits">
    /// Destination, Count x <see cref="ObjectiveCount"/> values, one row for each item. A logit that is not finite is written as NaN; the caller then drops the
    /// objective or the item.
    /// </param>
    public void Score(UserSnapshot user, ItemBlock items, RequestContext context, Span<float> logits)
    {
        Score(user, items, 0, items.Count, context, logits);
    }

    /// <summary>
    /// Scores some items of a block, as <see cref="Score(UserSnapshot, ItemBlock, RequestContext, Span{float})"/> scores all: parts of a block may be scored at
    /// the same time.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="items">The items.</param>
    /// <param name="first">First item to score; a multiple of <see cref="BatchSize"/> fills every batch.</param>
    /// <param name="count">Number of items to score.</param>
    /// <param name="context">The request.</param>
    /// <param name="logits">Destination, <paramref name="count"/> x <see cref="ObjectiveCount"/> values.</param>
    public void Score(UserSnapshot user, ItemBlock items, int first, int count, RequestContext context, Span<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)first, (uint)items.Count, nameof(first));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(items.Count - first), nameof(count));
        if (logits.Length < count * ObjectiveCount)
            throw new ArgumentException($"has {logits.Length} elements, must have at least {count * ObjectiveCount}", nameof(logits));
        Pass(user, items, first, first + count, context, logits, run: true);
    }

    /// <summary>
    /// Fills the tensors of every batch as <see cref="Score(UserSnapshot, ItemBlock, RequestContext, Span{float})"/> does, without running the graph: a profile
    /// subtracts its time.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="items">The items.</param>
    /// <param name="context">The request.</param>
    public void Fill(UserSnapshot user, ItemBlock items, RequestContext context) => Pass(user, items, 0, items.Count, context, [], run: false);

    /// <inheritdoc />
    public void Dispose() => Graph.Dispose();

    /// <summary>What the features of one item are filled from.</summary>
    internal FeatureSource SourceOf(UserView user, ItemBlock items, int row, RequestContext context) =>
        new(user, ref items.Rows[row], items.ContentOf(row), context)
        {
            FactorScore = _factors?.ScoreOf(context.Heads.Span, in items.Rows[row]) ?? 0,
        };

    private void Pass(UserSnapshot user, ItemBlock items, int from, int to, RequestContext context, Span<float> logits, bool run)
    {
        if (_factors is not null && context.Heads.Length != _factors.Model.Dimension)
            throw new ArgumentException($"has a head of {context.Heads.Length} components, must have one of {_factors.Model.Dimension}", nameof(context));
        var buffers = Graph.Rent();
        try
        {
            buffers.User.Set(user);
            Graph.FillRequest(buffers, new FeatureSource(buffers.User, context));
            for (var first = from; first < to; first += Graph.BatchSize)
            {
                var count = Math.Min(Graph.BatchSize, to - first);
                for (var i = 0; i < count; i++)
                    Graph.FillItem(buffers, i, SourceOf(buffers.User, items, first + i, context));
                Graph.ClearItems(buffers, count);
                if (!run)
                    continue;
                Graph.Run(buffers);
                Copy(buffers.Output.AsSpan(0, count * ObjectiveCount), logits[((first - from) * ObjectiveCount)..]);
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
