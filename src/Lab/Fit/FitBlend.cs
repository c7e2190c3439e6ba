using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Fit;

/// <summary>Item vectors from what was fitted and what the document predicts: the more users like an item, the less its document counts.</summary>
internal static class FitBlend
{
    /// <summary>Blends every item: (count x fitted + strength x predicted) / (count + strength).</summary>
    /// <param name="fitted">Fitted vectors.</param>
    /// <param name="content">What documents predict.</param>
    /// <param name="tokens">Tokens of every item.</param>
    /// <param name="counts">Users who like each item.</param>
    /// <param name="strength">How many users the document stands for; 0 leaves fitted vectors as they are.</param>
    public static FactorModel Of(FactorModel fitted, ContentFactors content, ContentToken[][] tokens, int[] counts, double strength)
    {
        if (strength == 0)
            return fitted;
        var vectors = new float[fitted.Items.Length];
        Span<float> predicted = stackalloc float[fitted.Dimension];
        for (var item = 0; item < counts.Length; item++)
        {
            var own = (float)(counts[item] / (counts[item] + strength));
            var vector = vectors.AsSpan(item * fitted.Dimension, fitted.Dimension);
            content.Predict(tokens[item], predicted);
            var source = fitted.Of(item);
            for (var i = 0; i < vector.Length; i++)
                vector[i] = (own * source[i]) + ((1 - own) * predicted[i]);
        }
        return new FactorModel(fitted.Settings, vectors);
    }

    /// <summary>What documents predict, learnt from the items that somebody likes.</summary>
    public static ContentFactors Content(FactorModel fitted, ContentToken[][] tokens, int[] counts)
    {
        var liked = Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0).ToArray();
        var vectors = new float[liked.Length * fitted.Dimension];
        for (var i = 0; i < liked.Length; i++)
            fitted.Of(liked[i]).CopyTo(vectors.AsSpan(i * fitted.Dimension));
        return ContentRegression.Fit(Array.ConvertAll(liked, i => tokens[i]), vectors, fitted.Dimension);
    }
}
