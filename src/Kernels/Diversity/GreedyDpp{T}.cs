using System.Numerics;
using System.Runtime.CompilerServices;
using KgOrleans.Kernels.TopK;
using static KgOrleans.Kernels.Diversity.WorkArray;

namespace KgOrleans.Kernels.Diversity;

/// <summary>
/// Greedy maximum a posteriori inference for a determinantal point process by incremental Cholesky (Chen, Zhang, Zhou 2018, arXiv 1709.05135,
/// with its sliding window): at every step the candidate that most increases log det of the kernel over the picks, or over the newest of them (the window).
/// Kernel: <c>L_ij = q_i q_j (1 + &lt;f_i, f_j&gt;) / 2</c> on unit vectors f; rows are computed on demand, the matrix never exists.
/// <para>
/// Qualities factor out of every conditional determinant, <c>det L(W + i) / det L(W) = q_i^2 det S(W + i) / det S(W)</c>, so the factor is kept of S,
/// whose diagonal is 1: errors are relative to it, whatever the range of the qualities. The paper's c_i and d_i^2 are those of S.
/// </para>
/// <para>
/// S has rank at most dimension + 1. Candidates whose d_i^2 falls below the epsilon of the type carry rounding noise only and cannot be chosen by it;
/// when none is left, the rest is filled by quality descending, then lower position. Cost O(window * picks * n) plus picks * n inner products.
/// </para>
/// <para>Traffic weights are part of the qualities. Priors between kinds of items are extra components of the vectors (<see cref="KindPrior"/>), so that S
/// stays positive semi-definite.</para>
/// An instance is a workspace for one caller at a time: it keeps its memory, so repeated selections of a similar size allocate nothing.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
public abstract partial class GreedyDpp<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double SmallestWeight = 1e-38;

    private readonly T _epsilon;
    private readonly T _tie;

    // Columns (candidates first, then context items, then padding) lie in blocks of four vectors: all that a step reads of a block is contiguous.
    private T[] _vectors = [];
    // The paper's c vectors: per block a row for each held pick, oldest first.
    private T[] _factors = [];
    // d_i^2 of S.
    private T[] _variances = [];
    // (q_i / max q)^2; negative once picked, and in context and padding columns, which can never be.
    private T[] _weights = [];
    // Half the vector of the pick that is appended.
    private T[] _pick = [];
    // The triangular factor of the held picks: row t is [c_t, d_t].
    private T[] _triangle = [];
    private T[] _cosines = [];
    private T[] _sines = [];
    private float[] _remainder = [];
    private ulong[] _positions = [];
    private int _dimension;
    private int _columns;
    private int _held;
    private int _capacity;
    private T _greatest;

    private protected GreedyDpp(T epsilon, T tie)
    {
        _epsilon = epsilon;
        _tie = tie;
    }

    /// <summary>Selects without context: see the other overload.</summary>
    /// <inheritdoc cref="Select(ReadOnlySpan{T}, int, ReadOnlySpan{T}, ReadOnlySpan{T}, ReadOnlySpan{T}, int, int, Span{int}, Span{double})"/>
    public DppResult Select(
        ReadOnlySpan<T> vectors, int dimension, ReadOnlySpan<T> quality, int picks, int window, Span<int> picked, Span<double> gains) =>
        Select(vectors, dimension, quality, [], [], picks, window, picked, gains);

    /// <summary>Selects candidates that are good and unlike each other and unlike the newest context items.</summary>
    /// <param name="vectors">Unit vectors of the candidates, row-major, <c>quality.Length * dimension</c>. A row with a NaN is left for the remainder.</param>
    /// <param name="dimension">Components of a vector, at least 1.</param>
    /// <param name="quality">q_i of each candidate: positive and finite; those under 1e-18 of the largest weigh as nothing.</param>
    /// <param name="contextVectors">Unit vectors of items already served, oldest first; the newest <c>window - 1</c> of them condition the first pick
    /// (all when unbounded). A row with a NaN or an infinity conditions nothing.</param>
    /// <param name="contextQuality">One positive quality per context item. Conditional determinants do not depend on it; it states how many there are.</param>
    /// <param name="picks">How many to pick, at least 0.</param>
    /// <param name="window">Each pick is conditioned on the <c>window - 1</c> newest before it; 1 is order of quality, 0 is unbounded.</param>
    /// <param name="picked">Receives positions of candidates in the order of the picks; ties go to the lower position.</param>
    /// <param name="gains">Receives, per pick, the natural logarithm of its d^2: the increase of log det L over the window; NaN in the remainder.</param>
    /// <exception cref="ArgumentOutOfRangeException">Dimension, picks or window is out of range, or a quality is not positive and finite.</exception>
    /// <exception cref="ArgumentException">Lengths do not match.</exception>
    public DppResult Select(
        ReadOnlySpan<T> vectors,
        int dimension,
        ReadOnlySpan<T> quality,
        ReadOnlySpan<T> contextVectors,
        ReadOnlySpan<T> contextQuality,
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
            Hold(contextVectors.Slice(c * dimension, dimension), quality.Length + c);

        var honest = 0;
        while (honest < count)
        {
            var best = Best(quality.Length);
            if (best < 0)
                break;
            picked[honest] = best;
            gains[honest] = (2 * Math.Log(double.CreateChecked(quality[best]))) + Math.Log(double.CreateChecked(_variances[best]));
            _weights[best] = -T.One;
            if (++honest < count)
                Hold(vectors.Slice(best * dimension, dimension), best);
        }
        if (honest < count)
            FillByQuality(quality, honest, picked[..count], gains);
        return new DppResult(count, honest);
    }

    private static void RequireRows(ReadOnlySpan<T> vectors, int dimension, ReadOnlySpan<T> quality, string name)
    {
        if (vectors.Length != (long)quality.Length * dimension)
            throw new ArgumentException($"{quality.Length} vectors of {dimension} components do not make {vectors.Length} values.", name);
        foreach (var q in quality)
        {
            if (!(q > T.Zero) || !T.IsFinite(q))
                throw new ArgumentOutOfRangeException(nameof(quality), q, "A quality is positive and finite.");
        }
    }

    private void Prepare(ReadOnlySpan<T> vectors, ReadOnlySpan<T> contextVectors, int dimension, ReadOnlySpan<T> quality, int context, int capacity)
    {
        _columns = (quality.Length + context + Width - 1) / Width * Width;
        _dimension = dimension;
        _capacity = capacity;
        _held = 0;
        Grow(ref _vectors, checked(dimension * _columns));
        Grow(ref _factors, checked(capacity * _columns));
        Grow(ref _triangle, checked(capacity * capacity));
        Grow(ref _cosines, capacity);
        Grow(ref _sines, capacity);
        Grow(ref _pick, dimension);
        Grow(ref _variances, _columns);
        Grow(ref _weights, _columns);
        _weights.AsSpan(0, _columns).Fill(-T.One);

        var largest = T.Zero;
        foreach (var q in quality)
            largest = T.Max(largest, q);
        // Never so small that the product with a variance could be 0, so that a candidate of negligible quality still ranks above none.
        var smallest = T.CreateChecked(SmallestWeight);
        for (var i = 0; i < quality.Length; i++)
        {
            var relative = quality[i] / largest;
            _weights[i] = T.Max(relative * relative, smallest);
        }
        for (var from = 0; from < _columns; from += Width)
            Interleave(vectors, contextVectors, quality.Length, quality.Length + context, from);
        Measure();
    }

    // One block of columns: a row for each component. Columns of padding are zeros.
    private void Interleave(ReadOnlySpan<T> vectors, ReadOnlySpan<T> contextVectors, int candidates, int columns, int from)
    {
        ref var block = ref _vectors[from * _dimension];
        for (var i = 0; i < Width; i++)
        {
            var column = from + i;
            ref var to = ref Unsafe.Add(ref block, i);
            if (column < columns)
            {
                ref var vector = ref Unsafe.AsRef(
                    in column < candidates ? ref vectors[column * _dimension] : ref contextVectors[(column - candidates) * _dimension]);
                for (nint c = 0; c < _dimension; c++)
                    Unsafe.Add(ref to, c * Width) = Unsafe.Add(ref vector, c);
            }
            else
            {
                for (nint c = 0; c < _dimension; c++)
                    Unsafe.Add(ref to, c * Width) = T.Zero;
            }
        }
    }

    private void FillByQuality(ReadOnlySpan<T> quality, int honest, Span<int> picked, Span<double> gains)
    {
        Grow(ref _positions, quality.Length);
        Grow(ref _remainder, quality.Length);
        for (var i = 0; i < quality.Length; i++)
        {
            _positions[i] = (ulong)i;
            _remainder[i] = _weights[i] < T.Zero ? float.NaN : float.CreateSaturating(quality[i]);
        }
        TopKSelection.Select(_remainder.AsSpan(0, quality.Length), _positions.AsSpan(0, quality.Length), picked.Length - honest, picked[honest..]);
        gains[honest..picked.Length].Fill(double.NaN);
    }
}
