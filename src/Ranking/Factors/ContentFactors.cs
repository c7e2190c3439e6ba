namespace KgOrleans.Ranking.Factors;

/// <summary>Predicts an item's vector from its document: a mean vector, and the weighted sum of a vector for each known token. Immutable and thread-safe.</summary>
public sealed class ContentFactors
{
    /// <summary>A model of stored vectors.</summary>
    /// <param name="mean">Vector of an item without known tokens.</param>
    /// <param name="tokens">Keys of the tokens, ascending, each once.</param>
    /// <param name="vectors">Vectors of the tokens, one after another.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public ContentFactors(float[] mean, ulong[] tokens, float[] vectors)
    {
        if (vectors.Length != tokens.Length * mean.Length)
            throw new ArgumentException($"{vectors.Length} components do not fit {tokens.Length} tokens of {mean.Length}", nameof(vectors));
        (Mean, Tokens, Vectors) = (mean, tokens, vectors);
    }

    /// <summary>Vector of an item without known tokens.</summary>
    public float[] Mean { get; }

    /// <summary>Keys of the tokens, ascending.</summary>
    public ulong[] Tokens { get; }

    /// <summary>Vectors of the tokens, one after another.</summary>
    public float[] Vectors { get; }

    /// <summary>Predicts the vector of an item.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="vector">Receives the vector.</param>
    /// <returns>Whether the model knows any of the tokens; if not, the vector is the mean.</returns>
    public bool Predict(ReadOnlySpan<ContentToken> tokens, Span<float> vector)
    {
        Mean.CopyTo(vector);
        var known = false;
        foreach (var token in tokens)
        {
            var place = Array.BinarySearch(Tokens, token.Key);
            if (place < 0)
                continue;
            known = true;
            var part = Vectors.AsSpan(place * Mean.Length, Mean.Length);
            for (var i = 0; i < part.Length; i++)
                vector[i] += token.Weight * part[i];
        }
        return known;
    }
}
