using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference;

/// <summary>Computes item vectors from item documents. A vector changes only with the document and the embedding space, never with time or counters.</summary>
public sealed class ItemTower : IDisposable
{
    internal ItemTower(GraphRunner graph) => Graph = graph;

    internal GraphRunner Graph { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimension => Graph.OutputWidth;

    /// <summary>Computes the vectors of all items of a block in fixed, padded batches, so that a vector does not depend on the rows beside it.</summary>
    /// <param name="block">The items.</param>
    /// <param name="embeddings">Destination, Count x <see cref="Dimension"/> values; it may be <see cref="ItemBlock.Embeddings"/> of the same block.</param>
    public void Compute(ItemBlock block, Span<float> embeddings)
    {
        if (embeddings.Length < block.Count * Dimension)
            throw new ArgumentException($"has {embeddings.Length} elements, must have at least {block.Count * Dimension}", nameof(embeddings));
        var rows = block.Rows;
        var buffers = Graph.Rent();
        try
        {
            for (var first = 0; first < block.Count; first += Graph.BatchSize)
            {
                var count = Math.Min(Graph.BatchSize, block.Count - first);
                for (var i = 0; i < count; i++)
                    Graph.FillItem(buffers, i, new FeatureSource(UserView.Nobody, ref rows[first + i], block.ContentOf(first + i), default));
                Graph.ClearItems(buffers, count);
                Graph.Run(buffers);
                buffers.Output.AsSpan(0, count * Dimension).CopyTo(embeddings[(first * Dimension)..]);
            }
        }
        finally
        {
            Graph.Return(buffers);
        }
    }

    /// <inheritdoc />
    public void Dispose() => Graph.Dispose();
}
