namespace KgOrleans.Kernels.Diversity;

/// <summary>
/// The selection pick by pick: for callers whose own constraints decide between candidates that are worth about the same, so that every pick is conditioned on
/// what they took.
/// </summary>
public abstract partial class GreedyDpp<T>
{
    // Of candidates whose variance is noise: below every value that is not, by quality among themselves.
    private const double NoiseValue = -1;
    private const double NoiseScale = 1.0 / 1_000;

    private double _logLargest;
    private int _candidates;

    /// <summary>Starts a selection pick by pick; <see cref="Values"/> and <see cref="Take"/> continue it.</summary>
    /// <inheritdoc cref="Select(ReadOnlySpan{T}, int, ReadOnlySpan{T}, ReadOnlySpan{T}, ReadOnlySpan{T}, int, int, Span{int}, Span{double})"/>
    /// <param name="vectors">Unit vectors of the candidates, row-major.</param>
    /// <param name="dimension">Components of a vector, at least 1.</param>
    /// <param name="quality">q_i of each candidate, positive and finite.</param>
    /// <param name="contextVectors">Unit vectors of items already served, oldest first, row-major.</param>
    /// <param name="picks">Most picks that will be taken.</param>
    /// <param name="window">Each pick is conditioned on the <c>window - 1</c> newest before it; 0 is unbounded.</param>
    public void Begin(ReadOnlySpan<T> vectors, int dimension, ReadOnlySpan<T> quality, ReadOnlySpan<T> contextVectors, int picks, int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(picks);
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        RequireRows(vectors, dimension, quality, nameof(vectors));
        if (contextVectors.Length % dimension != 0)
            throw new ArgumentException($"{contextVectors.Length} values are not vectors of {dimension} components.", nameof(contextVectors));
        var served = contextVectors.Length / dimension;
        var context = window == 0 ? served : Math.Min(served, window - 1);
        contextVectors = contextVectors[((served - context) * dimension)..];
        _candidates = quality.Length;
        var largest = T.Zero;
        foreach (var q in quality)
            largest = T.Max(largest, q);
        _logLargest = Math.Log(double.CreateChecked(largest));
        var most = context + picks;
        Prepare(vectors, contextVectors, dimension, quality, context, window == 0 ? most : Math.Min(most, window - 1));
        for (var c = 0; c < context; c++)
            Hold(contextVectors.Slice(c * dimension, dimension), quality.Length + c);
    }

    /// <summary>
    /// What each candidate is worth as the next pick, on one scale for this step alone: (q_i / max q)^2 d_i^2; below 0, by quality, where d_i^2 is noise; minus
    /// infinity once taken.
    /// </summary>
    /// <param name="values">Receives one value a candidate.</param>
    public void Values(Span<float> values)
    {
        for (var i = 0; i < _candidates; i++)
        {
            var weight = _weights[i];
            values[i] = weight < T.Zero ? float.NegativeInfinity
                : _variances[i] >= _epsilon ? float.CreateSaturating(weight * _variances[i])
                : (float)(NoiseValue + (NoiseScale * Math.Log(double.CreateChecked(weight))));
        }
    }

    /// <summary>Takes a candidate; the next values are conditioned on it.</summary>
    /// <param name="vector">Its vector.</param>
    /// <param name="candidate">Its position.</param>
    /// <param name="isLast">Whether no more values will be asked for, so that nothing need be conditioned.</param>
    /// <returns>The natural logarithm of its d^2, the increase of log det L over the window; NaN when it was noise.</returns>
    public double Take(ReadOnlySpan<T> vector, int candidate, bool isLast = false)
    {
        var variance = _variances[candidate];
        var gain = variance >= _epsilon
            ? Math.Log(double.CreateChecked(_weights[candidate])) + (2 * _logLargest) + Math.Log(double.CreateChecked(variance))
            : double.NaN;
        Exclude(candidate);
        if (!isLast)
            Hold(vector, candidate);
        return gain;
    }

    /// <summary>Leaves a candidate out of what follows.</summary>
    public void Exclude(int candidate) => _weights[candidate] = -T.One;
}
