namespace KgOrleans.Grains.Models;

/// <summary>
/// Vectors of items, in the order of their documents: of the item tower, and of the recall head where the bundle has one. A vector that is not finite, or
/// that could not be computed, is NaN in every component.
/// </summary>
public sealed class ItemVectors
{
    private readonly int _dimension;
    private readonly int _recallDimension;

    internal ItemVectors(int count, int dimension, int recallDimension)
    {
        (_dimension, _recallDimension) = (dimension, recallDimension);
        Tower = new float[count * dimension];
        Recall = new float[count * recallDimension];
    }

    internal float[] Tower { get; }

    internal float[] Recall { get; }

    /// <summary>Vector of the item tower; empty without a model.</summary>
    public ReadOnlySpan<float> TowerOf(int item) => Tower.AsSpan(item * _dimension, _dimension);

    /// <summary>Vector of the recall head; empty without one.</summary>
    public ReadOnlySpan<float> RecallOf(int item) => Recall.AsSpan(item * _recallDimension, _recallDimension);

    /// <summary>Vector of the item tower as it is stored: one that could not be computed is left out, so that the next load computes it.</summary>
    public ReadOnlySpan<float> StoredTowerOf(int item) => Stored(TowerOf(item));

    /// <summary>Vector of the recall head as it is stored.</summary>
    public ReadOnlySpan<float> StoredRecallOf(int item) => Stored(RecallOf(item));

    /// <summary>Makes every component NaN of a vector that has one that is not finite.</summary>
    internal void MarkNotFinite()
    {
        MarkNotFinite(Tower, _dimension);
        MarkNotFinite(Recall, _recallDimension);
    }

    private static ReadOnlySpan<float> Stored(ReadOnlySpan<float> vector) => vector.Length > 0 && float.IsNaN(vector[0]) ? [] : vector;

    private static void MarkNotFinite(Span<float> vectors, int dimension)
    {
        for (; vectors.Length > 0; vectors = vectors[dimension..])
        {
            foreach (var component in vectors[..dimension])
            {
                if (!float.IsFinite(component))
                {
                    vectors[..dimension].Fill(float.NaN);
                    break;
                }
            }
        }
    }
}
