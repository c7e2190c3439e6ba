using KgOrleans.Kernels.Dot;

namespace KgOrleans.Ranking.Items;

/// <summary>Content vectors for items that came without one, made from their tags and creator.</summary>
public static class ContentVectors
{
    // The creator counts half as much as a tag: two items of one creator are alike, but less than two items of one style.
    private const float CreatorWeight = 0.5f;

    /// <summary>
    /// Writes a unit vector: the sum of the directions of the tags and of the creator, normalised. Items with the same tags are similar. The vector depends on
    /// the keys alone.
    /// </summary>
    /// <param name="tags">Tag keys.</param>
    /// <param name="creator">Creator key.</param>
    /// <param name="vector">Destination.</param>
    public static void FromKeys(ReadOnlySpan<ulong> tags, ulong creator, Span<float> vector)
    {
        Span<float> direction = vector.Length <= 256 ? stackalloc float[vector.Length] : new float[vector.Length];
        HashedDirection.Fill(creator, vector);
        for (var i = 0; i < vector.Length; i++)
            vector[i] *= CreatorWeight;
        foreach (var tag in tags)
        {
            if (tag == 0)
                continue;
            HashedDirection.Fill(tag, direction);
            for (var i = 0; i < vector.Length; i++)
                vector[i] += direction[i];
        }
        // Opposite directions can cancel; the creator's own direction then stands in.
        if (!VectorMath.Normalise(vector))
            HashedDirection.Fill(creator, vector);
    }
}
