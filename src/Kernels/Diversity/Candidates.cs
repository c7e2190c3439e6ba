namespace KgOrleans.Kernels.Diversity;

/// <summary>What selections of relevant, diverse candidates require of their arguments.</summary>
internal static class Candidates
{
    /// <summary>Checks the arguments; returns how many picks there will be.</summary>
    public static int Require(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> relevance, int picks, int window, Span<int> picked, Span<double> gains)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(picks);
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        if (vectors.Length != (long)relevance.Length * dimension)
            throw new ArgumentException($"{relevance.Length} vectors of {dimension} components do not make {vectors.Length} values.", nameof(vectors));
        foreach (var r in relevance)
        {
            if (!(r >= 0 && r <= 1))
                throw new ArgumentOutOfRangeException(nameof(relevance), r, "Relevance is 0..1.");
        }
        var count = Math.Min(picks, relevance.Length);
        if (picked.Length < count || gains.Length < count)
            throw new ArgumentException($"{count} picks do not fit into {picked.Length} positions and {gains.Length} gains.", nameof(picked));
        return count;
    }
}
