using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference;

/// <summary>Computes item vectors from what items' documents say: they change with the document and the embedding space only, never with time or counters.</summary>
public sealed class ItemTower : IDisposable
{
    private readonly GraphRunner _graph;

    internal ItemTower(GraphRunner graph) => _graph = graph;

    /// <summary>Components of a vector.</summary>
    public int Dimension => _graph.OutputWidth;

    /// <summary>Computes the vectors of all items of a block, in fixed padded batches: a vector does not depend on the rows beside it.</summary>
    /// <param name="block">The items.</param>
    /// <param name="embeddings">Destination, Count x <see cref="Dimension"/> values; <see cref="ItemBlock.Embeddings"/> of the same block will do.</param>
    public void Compute(ItemBlock block, Span<float> embeddings)
    {
        if (embeddings.Length < block.Count * Dimension)
            throw new ArgumentException($"has {embeddings.Length} elements, {block.Count * Dimension} are needed", nameof(embeddings));
        var rows = block.Rows;
        var buffers = _graph.Rent();
        try
        {
            for (var first = 0; first < block.Count; first += _graph.BatchSize)
            {
                var count = Math.Min(_graph.BatchSize, block.Count - first);
                for (var i = 0; i < count; i++)
                    _graph.FillItem(buffers, i, new FeatureSource(UserView.Nobody, ref rows[first + i], block.ContentOf(first + i), now: 0));
                _graph.ClearItems(buffers, count);
                _graph.Run(buffers);
                buffers.Output.AsSpan(0, count * Dimension).CopyTo(embeddings[(first * Dimension)..]);
            }
        }
        finally
        {
            _graph.Return(buffers);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _graph.Dispose();
}
