namespace KgOrleans.Kernels.Diversity;

/// <summary>
/// Similarity vectors that know the kind of an item: <c>f = [sqrt(1 - b) content, sqrt(b) onehot(kind)]</c>, of length 1 when the content is. Two items of one
/// kind are alike by b more than two of different kinds, and S stays positive semi-definite, as a Gram matrix does whatever b is; adding b to entries of S
/// would not.
/// </summary>
public static class KindPrior
{
    /// <summary>Writes the vector of one item.</summary>
    /// <param name="content">Unit vector of the content.</param>
    /// <param name="kind">Kind of the item, 0 and up.</param>
    /// <param name="share">The prior b, 0..1.</param>
    /// <param name="vector">Receives the content's components, then one a kind: its length says how many kinds there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kind has no component, or the share is outside its range.</exception>
    public static void Fill(ReadOnlySpan<float> content, int kind, float share, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(kind);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(kind, vector.Length - content.Length);
        if (!(share >= 0 && share <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is 0..1.");
        var factor = MathF.Sqrt(1 - share);
        for (var c = 0; c < content.Length; c++)
            vector[c] = factor * content[c];
        vector[content.Length..].Clear();
        vector[content.Length + kind] = MathF.Sqrt(share);
    }
}
