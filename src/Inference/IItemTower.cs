using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference;

/// <summary>Computes item vectors from item documents. A vector changes only with the document and the embedding space, never with time or counters.</summary>
public interface IItemTower
{
    /// <summary>Components of a vector.</summary>
    int Dimension { get; }

    /// <summary>Computes the vectors of all items of a block. A vector does not depend on the rows beside it.</summary>
    /// <param name="block">The items.</param>
    /// <param name="embeddings">Destination, Count x <see cref="Dimension"/> values; it may be <see cref="ItemBlock.Embeddings"/> of the same block.</param>
    void Compute(ItemBlock block, Span<float> embeddings);
}
