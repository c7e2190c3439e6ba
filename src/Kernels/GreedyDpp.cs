namespace KgOrleans.Kernels;

/// <summary>
/// Greedy maximum a posteriori inference for a determinantal point process by incremental Cholesky (Chen, Zhang, Zhou 2018, arXiv 1709.05135,
/// with its sliding window): at every step the candidate that most increases log det of the kernel over the picks, or over the newest of them (the window).
/// Kernel: <c>L_ij = q_i q_j (1 + &lt;f_i, f_j&gt;) / 2</c> on unit vectors f; rows are computed on demand, the matrix never exists.
/// <para>
/// Qualities factor out of every conditional determinant, <c>det L(W + i) / det L(W) = q_i^2 det S(W + i) / det S(W)</c>, so the factor is kept of S,
/// whose diagonal is 1: errors are relative to it, whatever the range of the qualities. The paper's c_i and d_i^2 are those of S.
/// </para>
/// <para>
/// S has rank at most dimension + 1. Candidates whose d_i^2 falls below <see cref="Epsilon"/> carry rounding noise only and cannot be chosen by it;
/// when none is left, the rest is filled by quality descending, then lower position. Cost O(window * picks * n) plus picks * n inner products.
/// </para>
/// An instance is a workspace for one caller at a time: it keeps its memory, so repeated selections of a similar size allocate nothing.
/// </summary>
public sealed partial class GreedyDpp
{
    /// <summary>
    /// The least conditional variance, relative to the unit diagonal of S, that is trusted: four times the square root of float32's precision.
    /// Inner products are off by about 2^-24 each, and a factor with a pivot d^2 magnifies that by 1 / d^2: at this bound the noise stays well below the bound itself.
    /// </summary>
    public const float Epsilon = 1f / 1024;

    private const float SmallestWeight = 1e-38f;

    // The paper's c vectors as rows, one per held pick (oldest first), one column per candidate; candidates first, then context works.
    private float[] _factors = [];
    // d_i^2 of S.
    private float[] _variances = [];
    // (q_i / max q)^2; negative once picked, and in context and padding columns, which can never be.
    private float[] _weights = [];
    private float[] _row = [];
    // The triangular factor of the held picks: row t is [c_t, d_t].
    private float[] _triangle = [];
    private float[] _cosines = [];
    private float[] _sines = [];
    private ulong[] _positions = [];
    private int _stride;
    private int _columns;
    private int _held;
    private int _capacity;

    /// <summary>The quality that trades relevance against diversity: <c>e^(a r)</c>, <c>a = theta / (2 (1 - theta))</c> (arXiv 1709.05135).</summary>
    /// <param name="relevance">Relevance r, 0 to 1.</param>
    /// <param name="theta">The weight of relevance, 0 (diversity alone) to 0.98.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, or NaN.</exception>
    public static float Quality(float relevance, float theta)
    {
        if (!(relevance >= 0 && relevance <= 1))
            throw new ArgumentOutOfRangeException(nameof(relevance), relevance, "Relevance is 0..1.");
        if (!(theta >= 0 && theta <= 0.98f))
            throw new ArgumentOutOfRangeException(nameof(theta), theta, "Theta is 0..0.98.");
        return (float)Math.Exp(theta / (2 * (1 - (double)theta)) * relevance);
    }

    /// <summary>Selects without context: see the other overload.</summary>
    /// <inheritdoc cref="Select(ReadOnlySpan{float}, int, ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, int, int, Span{int}, Span{double})"/>
    public DppResult Select(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> quality, int picks, int window, Span<int> picked, Span<double> gains) =>
        Select(vectors, dimension, quality, [], [], picks, window, picked, gains);

    /// <summary>Selects candidates that are good and unlike each other and unlike the newest context works.</summary>
    /// <param name="vectors">Unit vectors of the candidates, row-major, <c>quality.Length * dimension</c>. A row with a NaN is left for the remainder.</param>
    /// <param name="dimension">Components of a vector, at least 1.</param>
    /// <param name="quality">q_i of each candidate: positive and finite; those under 1e-18 of the largest weigh as nothing.</param>
    /// <param name="contextVectors">Unit vectors of works already served, oldest first; the newest <c>window - 1</c> of them condition the first pick
    /// (all when unbounded). A row with a NaN or an infinity conditions nothing.</param>
    /// <param name="contextQuality">One positive quality per context work. Conditional determinants do not depend on it; it states how many there are.</param>
    /// <param name="picks">How many to pick, at least 0.</param>
    /// <param name="window">Each pick is conditioned on the <c>window - 1</c> newest before it; 1 is order of quality, 0 is unbounded.</param>
    /// <param name="picked">Receives positions of candidates in the order of the picks; ties go to the lower position.</param>
    /// <param name="gains">Receives, per pick, the natural logarithm of its d^2: the increase of log det L over the window; NaN in the remainder.</param>
    /// <exception cref="ArgumentOutOfRangeException">Dimension, picks or window is out of range, or a quality is not positive and finite.</exception>
    /// <exception cref="ArgumentException">Lengths do not match.</exception>
    public DppResult Select(
        ReadOnlySpan<float> vectors,
        int dimension,
        ReadOnlySpan<float> quality,
        ReadOnlySpan<float> contextVectors,
        ReadOnlySpan<float> contextQuality,
        int picks,
        int window,
        Span<int> picked,
        Span<double> gains)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(picks);
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        RequireRows(vectors, dimension, quality, nameof(vectors));
        RequireRows(contextVectors, dimension, contextQuality, nameof(contextVectors));
        var count = Math.Min(picks, quality.Length);
        if (picked.Length < count || gains.Length < count)
            throw new ArgumentException($"{count} picks do not fit into {picked.Length} positions and {gains.Length} gains.", nameof(picked));
        if (count == 0)
            return default;

        var context = window == 0 ? contextQuality.Length : Math.Min(contextQuality.Length, window - 1);
        contextVectors = contextVectors[((contextQuality.Length - context) * dimension)..];
        // The last pick conditions nothing.
        var most = context + count - 1;
        Prepare(vectors, contextVectors, dimension, quality, context, window == 0 ? most : Math.Min(most, window - 1));
        for (var c = 0; c < context; c++)
            Hold(vectors, contextVectors, dimension, quality.Length, quality.Length + c);

        var honest = 0;
        while (honest < count)
        {
            var (best, variance) = Best();
            if (best < 0)
                break;
            picked[honest] = best;
            gains[honest] = (2 * Math.Log(quality[best])) + Math.Log(variance);
            _weights[best] = -1;
            if (++honest < count)
                Hold(vectors, contextVectors, dimension, quality.Length, best);
        }
        if (honest < count)
            FillByQuality(quality, honest, picked[..count], gains);
        return new DppResult(count, honest);
    }

    private static void RequireRows(ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> quality, string name)
    {
        if (vectors.Length != (long)quality.Length * dimension)
            throw new ArgumentException($"{quality.Length} vectors of {dimension} components do not make {vectors.Length} values.", name);
        foreach (var q in quality)
        {
            if (!(q > 0) || !float.IsFinite(q))
                throw new ArgumentOutOfRangeException(nameof(quality), q, "A quality is positive and finite.");
        }
    }

    private void Prepare(ReadOnlySpan<float> vectors, ReadOnlySpan<float> contextVectors, int dimension, ReadOnlySpan<float> quality, int context, int capacity)
    {
        _columns = quality.Length + context;
        // Whole pairs of vectors, so that no loop has a tail; an odd number of blocks, so that rows never lie a power of two apart and share cache sets.
        _stride = checked((((_columns + 31) / 32) | 1) * 32);
        _capacity = capacity;
        _held = 0;
        Grow(ref _factors, checked(capacity * _stride));
        Grow(ref _triangle, checked(capacity * capacity));
        Grow(ref _cosines, capacity);
        Grow(ref _sines, capacity);
        Grow(ref _row, _stride);
        Grow(ref _variances, _stride);
        Grow(ref _weights, _stride);
        _row.AsSpan(_columns, _stride - _columns).Clear();
        _variances.AsSpan(0, _stride).Clear();
        _weights.AsSpan(0, _stride).Fill(-1);

        var largest = 0f;
        foreach (var q in quality)
            largest = Math.Max(largest, q);
        for (var i = 0; i < quality.Length; i++)
        {
            var relative = quality[i] / largest;
            // Never so small that the product with a variance could be 0, so that a candidate of negligible quality still ranks above none.
            _weights[i] = Math.Max(relative * relative, SmallestWeight);
            var vector = vectors.Slice(i * dimension, dimension);
            _variances[i] = (1 + DotProduct.Single(vector, vector)) / 2;
        }
        for (var c = 0; c < context; c++)
        {
            var vector = contextVectors.Slice(c * dimension, dimension);
            _variances[quality.Length + c] = (1 + DotProduct.Single(vector, vector)) / 2;
        }
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[Math.Max(length, (int)Math.Min(Array.MaxLength, 3L * array.Length / 2))];
    }

    private void FillByQuality(ReadOnlySpan<float> quality, int honest, Span<int> picked, Span<double> gains)
    {
        Grow(ref _positions, quality.Length);
        for (var i = 0; i < quality.Length; i++)
        {
            _positions[i] = (ulong)i;
            _row[i] = _weights[i] < 0 ? float.NaN : quality[i];
        }
        TopK.Select(_row.AsSpan(0, quality.Length), _positions.AsSpan(0, quality.Length), picked.Length - honest, picked[honest..]);
        gains[honest..picked.Length].Fill(double.NaN);
    }
}
