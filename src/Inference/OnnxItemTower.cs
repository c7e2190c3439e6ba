using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference;

/// <summary>Computes item vectors with an ONNX graph, in fixed, padded batches, so that a vector does not depend on the rows beside it.</summary>
public sealed class OnnxItemTower : IItemTower
{
    internal OnnxItemTower(GraphRunner graph) => Graph = graph;

    internal GraphRunner Graph { get; }

    /// <inheritdoc />
    public int Dimension => Graph.OutputWidth;

    /// <inheritdoc />
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
}
