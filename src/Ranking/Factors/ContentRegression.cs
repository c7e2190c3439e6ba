namespace KgOrleans.Ranking.Factors;

/// <summary>
/// Learns <see cref="ContentFactors"/> from fitted item vectors by ridge regression: the sum over items of |v - mean - sum of weight x token|^2, plus
/// <see cref="Ridge"/> x the sum over tokens of |token|^2. Solved token by token (Gauss-Seidel), which converges since the problem is convex.
/// </summary>
public static class ContentRegression
{
    /// <summary>Pull of a token's vector to zero: a token that few items have says little.</summary>
    public const double Ridge = 5;

    /// <summary>Fewest items of a token that gets a vector; one item alone would only repeat itself.</summary>
    public const int FewestItems = 2;

    /// <summary>Most tokens: those that most items have are kept.</summary>
    public const int MostTokens = 200_000;

    private const int Sweeps = 12;

    /// <summary>Fits the model.</summary>
    /// <param name="items">Tokens of every item.</param>
    /// <param name="vectors">Vectors of the items, one after another.</param>
    /// <param name="dimension">Components of a vector.</param>
    public static ContentFactors Fit(IReadOnlyList<ContentToken[]> items, float[] vectors, int dimension)
    {
        if (vectors.Length != items.Count * dimension)
            throw new ArgumentException($"{vectors.Length} components do not fit {items.Count} items of {dimension}", nameof(vectors));
        var mean = new double[dimension];
        for (var i = 0; i < vectors.Length; i++)
            mean[i % dimension] += vectors[i] / (double)Math.Max(1, items.Count);
        var residuals = new double[vectors.Length];
        for (var i = 0; i < vectors.Length; i++)
            residuals[i] = vectors[i] - mean[i % dimension];
        var (keys, places) = Vocabulary(items);
        var learnt = new double[keys.Length * dimension];
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var t = 0; t < keys.Length; t++)
                Solve(learnt.AsSpan(t * dimension, dimension), places[t], residuals);
        }
        return new ContentFactors(Array.ConvertAll(mean, x => (float)x), keys, Array.ConvertAll(learnt, x => (float)x));
    }

    private static void Solve(Span<double> token, List<(int Item, float Weight)> places, double[] residuals)
    {
        var (dimension, norm) = (token.Length, Ridge);
        Span<double> best = stackalloc double[dimension];
        best.Clear();
        foreach (var (item, weight) in places)
        {
            norm += weight * weight;
            var residual = residuals.AsSpan(item * dimension, dimension);
            for (var i = 0; i < dimension; i++)
                best[i] += weight * (residual[i] + (weight * token[i]));
        }
        for (var i = 0; i < dimension; i++)
            best[i] = (best[i] / norm) - token[i];
        foreach (var (item, weight) in places)
            DenseMath.AddScaled(residuals.AsSpan(item * dimension, dimension), -weight, best);
        DenseMath.AddScaled(token, 1, best);
    }

    private static (ulong[] Keys, List<(int Item, float Weight)>[] Places) Vocabulary(IReadOnlyList<ContentToken[]> items)
    {
        var found = new Dictionary<ulong, List<(int Item, float Weight)>>();
        for (var item = 0; item < items.Count; item++)
        {
            foreach (var token in items[item])
            {
                if (!found.TryGetValue(token.Key, out var places))
                    found.Add(token.Key, places = []);
                places.Add((item, token.Weight));
            }
        }
        var kept = found.Where(f => f.Value.Count >= FewestItems).OrderByDescending(f => f.Value.Count).ThenBy(f => f.Key).Take(MostTokens)
            .OrderBy(f => f.Key).ToArray();
        return (Array.ConvertAll(kept, f => f.Key), Array.ConvertAll(kept, f => f.Value));
    }
}
