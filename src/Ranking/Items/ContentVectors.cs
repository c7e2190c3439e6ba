using KgOrleans.Kernels.Dot;

namespace KgOrleans.Ranking.Items;

/// <summary>Similarity vectors for items whose callers sent none: never random, never a stranger's.</summary>
public static class ContentVectors
{
    // The creator weighs half a tag: two works of one creator are alike, but less than two works of one style.
    private const float CreatorWeight = 0.5f;

    /// <summary>
    /// Writes a unit vector made of the directions of the tags and of the creator, so that items with the same tags are similar and an item is always its own neighbour.
    /// Deterministic: depends on the keys alone.
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
