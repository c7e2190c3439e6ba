namespace KgOrleans.Kernels.Dot;

/// <summary>
/// Deterministic unit vectors that stand in for missing embeddings: the same key gives the same bits on every platform, different keys give nearly
/// orthogonal directions (cosines of standard deviation about 1/sqrt(dimension)).
/// </summary>
public static class HashedDirection
{
    /// <summary>Fills a vector with the direction of a key.</summary>
    /// <param name="key">Any 64-bit key, 0 included.</param>
    /// <param name="direction">Receives the unit vector; an empty span is left alone.</param>
    public static void Fill(ulong key, Span<float> direction)
    {
        // Mixed once, so that keys one golden-ratio step apart do not share a shifted sequence.
        var state = Mix(key);
        do
        {
            foreach (ref var component in direction)
                component = NearlyNormal(Next(ref state));
        }
        while (!direction.IsEmpty && !VectorMath.Normalise(direction));
    }

    // SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
    private static ulong Next(ref ulong state) => Mix(state += 0x9E3779B97F4A7C15);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // The sum of four 16-bit uniforms, centred: close enough to a normal for directions without a preferred axis, and exact in integers, whereas
    // logarithms and cosines differ between mathematical libraries.
    private static float NearlyNormal(ulong bits) =>
        (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48) - 131070;
}
