namespace KgOrleans.Kernels.Diversity;

/// <summary>
/// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each pick maximises <c>lambda r_i - (1 - lambda) max cos(f_i, f_j)</c> over the picks j
/// before it, or the newest of them.
/// It looks at the nearest pick only, where a determinant looks at all together. A workspace for one caller at a time; it keeps its memory.
/// </summary>
public sealed class MarginalRelevance
{
    private readonly WindowedSelection<Rule> _selection = new();

    /// <summary>Selects candidates that are relevant and unlike the newest picks.</summary>
    /// <param name="vectors">Unit vectors of the candidates, row-major. One with a NaN counts as alike to everything.</param>
    /// <param name="dimension">Components of a vector, at least 1.</param>
    /// <param name="relevance">Relevance r of each candidate, 0..1.</param>
    /// <param name="lambda">The weight of relevance, 0..1.</param>
    /// <param name="picks">How many to pick, at least 0.</param>
    /// <param name="window">Each pick looks at the <c>window - 1</c> newest before it; 1 is order of relevance, 0 is all.</param>
    /// <param name="picked">Receives positions in the order of the picks; ties go to the lower position.</param>
    /// <param name="gains">Receives the maximised value of each pick.</param>
    /// <returns>How many were picked: as asked, or all.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, or a relevance is NaN.</exception>
    /// <exception cref="ArgumentException">Lengths do not match.</exception>
    public int Select(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> relevance, float lambda, int picks, int window, Span<int> picked, Span<double> gains)
    {
        if (!(lambda >= 0 && lambda <= 1))
            throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "Lambda is 0..1.");
        return _selection.Select(vectors, dimension, relevance, lambda, picks, window, picked, gains);
    }

    /// <summary>
    /// Starts a selection pick by pick, for callers whose own constraints decide as well; <see cref="Values"/> and <see cref="Take"/> continue it.
    /// </summary>
    /// <param name="vectors">Unit vectors of the candidates, row-major.</param>
    /// <param name="dimension">Components of a vector, at least 1.</param>
    /// <param name="relevance">Relevance of each candidate, finite.</param>
    /// <param name="contextVectors">Unit vectors of items already served, oldest first, row-major.</param>
    /// <param name="lambda">The weight of relevance, 0..1.</param>
    /// <param name="picks">Most picks that will be taken.</param>
    /// <param name="window">Each pick looks at the <c>window - 1</c> newest before it; 0 is all.</param>
    public void Begin(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> relevance, ReadOnlySpan<float> contextVectors, float lambda, int picks, int window) =>
        _selection.Begin(vectors, dimension, relevance, contextVectors, lambda, picks, window);

    /// <summary>The marginal relevance of each candidate as the next pick; minus infinity once taken.</summary>
    /// <param name="values">Receives one value a candidate.</param>
    public void Values(Span<float> values) => _selection.Values(values);

    /// <summary>Takes a candidate; returns the value that it had.</summary>
    /// <param name="vectors">Unit vectors of the candidates, as they were at the beginning.</param>
    /// <param name="dimension">Components of a vector.</param>
    /// <param name="candidate">Its position.</param>
    public double Take(ReadOnlySpan<float> vectors, int dimension, int candidate) => _selection.Take(vectors, dimension, candidate, isLast: false);

    /// <summary>Leaves a candidate out of what follows.</summary>
    public void Exclude(int candidate) => _selection.Exclude(candidate);

    private readonly struct Rule : ISimilarityRule
    {
        public static float Start(float relevance, float lambda) => lambda * relevance;

        public static float Value(float start, float most, float lambda) => float.IsNegativeInfinity(most) ? start : start - ((1 - lambda) * most);

        public static bool BreaksTie(float value, float most, float other) => false;

        public static double Gain(float value, float most) => value;
    }
}
