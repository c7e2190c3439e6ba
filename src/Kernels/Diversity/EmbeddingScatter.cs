namespace KgOrleans.Kernels.Diversity;

/// <summary>
/// Scatters items that are alike: each pick is the most relevant candidate whose cosine with each of the newest picks is at most a limit. Where none is left,
/// the least alike comes next, so that there are always as many picks as asked for. A workspace for one caller at a time; it keeps its memory.
/// </summary>
public sealed class EmbeddingScatter
{
    private readonly WindowedSelection<Rule> _selection = new();

    /// <summary>Selects by relevance under a limit of similarity.</summary>
    /// <param name="vectors">Unit vectors of the candidates, row-major. One with a NaN counts as alike to everything.</param>
    /// <param name="dimension">Components of a vector, at least 1.</param>
    /// <param name="relevance">Relevance of each candidate, 0..1.</param>
    /// <param name="limit">The greatest cosine allowed within the window, -1..1.</param>
    /// <param name="picks">How many to pick, at least 0.</param>
    /// <param name="window">Each pick looks at the <c>window - 1</c> newest before it; 1 is order of relevance, 0 is all.</param>
    /// <param name="picked">Receives positions in the order of the picks; ties go to the lower position.</param>
    /// <param name="gains">Receives <c>1 - max cos</c> of each pick: its distance from the nearest; 1 for a pick that looks at none. Below <c>1 - limit</c>:
    /// the limit was relaxed.</param>
    /// <returns>How many were picked: as asked, or all.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, or a relevance is NaN.</exception>
    /// <exception cref="ArgumentException">Lengths do not match.</exception>
    public int Select(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> relevance, float limit, int picks, int window, Span<int> picked, Span<double> gains)
    {
        if (!(limit >= -1 && limit <= 1))
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "A limit of cosines is -1..1.");
        return _selection.Select(vectors, dimension, relevance, limit, picks, window, picked, gains);
    }

    /// <summary>
    /// Starts a selection pick by pick, for callers whose own constraints decide as well; <see cref="Values"/> and <see cref="Take"/> continue it.
    /// </summary>
    /// <param name="vectors">Unit vectors of the candidates, row-major.</param>
    /// <param name="dimension">Components of a vector, at least 1.</param>
    /// <param name="relevance">Relevance of each candidate, at least 0.</param>
    /// <param name="contextVectors">Unit vectors of items already served, oldest first, row-major.</param>
    /// <param name="limit">The greatest cosine allowed within the window, -1..1.</param>
    /// <param name="picks">Most picks that will be taken.</param>
    /// <param name="window">Each pick looks at the <c>window - 1</c> newest before it; 0 is all.</param>
    public void Begin(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> relevance, ReadOnlySpan<float> contextVectors, float limit, int picks, int window) =>
        _selection.Begin(vectors, dimension, relevance, contextVectors, limit, picks, window);

    /// <summary>
    /// What each candidate is worth as the next pick: its relevance within the limit, else how unlike it is, below every other; minus infinity once taken.
    /// </summary>
    /// <param name="values">Receives one value a candidate.</param>
    public void Values(Span<float> values) => _selection.Values(values);

    /// <summary>Takes a candidate; returns its distance from the nearest pick, 1 when it looks at none.</summary>
    /// <param name="vectors">Unit vectors of the candidates, as they were at the beginning.</param>
    /// <param name="dimension">Components of a vector.</param>
    /// <param name="candidate">Its position.</param>
    public double Take(ReadOnlySpan<float> vectors, int dimension, int candidate) => _selection.Take(vectors, dimension, candidate, isLast: false);

    /// <summary>Leaves a candidate out of what follows.</summary>
    public void Exclude(int candidate) => _selection.Exclude(candidate);

    private readonly struct Rule : ISimilarityRule
    {
        public static float Start(float relevance, float limit) => relevance;

        // Beyond the limit the least alike comes first, behind every candidate within it.
        public static float Value(float start, float most, float limit) => float.IsNegativeInfinity(start) ? start : most <= limit ? start : -2 - most;

        // Cosines that differ in their last bits are one value beyond the limit: subtracting from -2 rounds the difference away.
        public static bool BreaksTie(float value, float most, float other) => value < 0 && most < other;

        public static double Gain(float value, float most) => float.IsNegativeInfinity(most) ? 1 : 1 - most;
    }
}
