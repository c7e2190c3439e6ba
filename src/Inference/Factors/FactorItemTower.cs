using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference.Factors;

/// <summary>Looks up the vectors of items, and predicts those that the fit did not know (<see cref="FactorSpace"/>).</summary>
public sealed class FactorItemTower : IItemTower
{
    private readonly FactorSpace _space;

    internal FactorItemTower(FactorSpace space) => _space = space;

    /// <inheritdoc />
    public int Dimension => _space.Model.Dimension;

    /// <inheritdoc />
    public void Compute(ItemBlock block, Span<float> embeddings)
    {
        if (embeddings.Length < block.Count * Dimension)
            throw new ArgumentException($"has {embeddings.Length} elements, must have at least {block.Count * Dimension}", nameof(embeddings));
        for (var i = 0; i < block.Count; i++)
            _space.OfItem(in block.Rows[i], embeddings.Slice(i * Dimension, Dimension));
    }
}
