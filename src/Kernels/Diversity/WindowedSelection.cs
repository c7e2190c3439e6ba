namespace KgOrleans.Kernels.Diversity;

/// <summary>
/// Selection pick by pick under a rule that compares each candidate with the newest picks. A workspace for one caller at a time; it keeps its memory.
/// </summary>
internal sealed class WindowedSelection<TRule>
    where TRule : struct, ISimilarityRule
{
    private readonly SimilarityWindow _window = new();
    private float[] _start = [];
    private int _candidates;
    private float _parameter;

    /// <summary>Selects at once: the best value first, the lower position among equals.</summary>
    /// <returns>How many were picked: as asked, or all.</returns>
    public int Select(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> relevance, float parameter, int picks, int window, Span<int> picked, Span<double> gains)
    {
        var count = Candidates.Require(vectors, dimension, relevance, picks, window, picked, gains);
        Begin(vectors, dimension, relevance, [], parameter, count, window);
        for (var n = 0; n < count; n++)
        {
            picked[n] = Best();
            gains[n] = Take(vectors, dimension, picked[n], isLast: n + 1 == count);
        }
        return count;
    }

    /// <summary>Starts a selection.</summary>
    public void Begin(
        ReadOnlySpan<float> vectors, int dimension, ReadOnlySpan<float> relevance, ReadOnlySpan<float> contextVectors, float parameter, int picks, int window)
    {
        (_candidates, _parameter) = (relevance.Length, parameter);
        if (_start.Length < _candidates)
            _start = new float[_candidates];
        for (var i = 0; i < _candidates; i++)
            _start[i] = TRule.Start(relevance[i], parameter);
        _window.Reset(vectors, dimension, _candidates, contextVectors, picks, window);
    }

    /// <summary>What each candidate is worth as the next pick; minus infinity once taken.</summary>
    public void Values(Span<float> values)
    {
        var most = _window.Most(_candidates);
        for (var i = 0; i < most.Length; i++)
            values[i] = TRule.Value(_start[i], most[i], _parameter);
    }

    /// <summary>Takes a candidate; returns what is reported of it. After the last pick nothing is compared any more.</summary>
    public double Take(ReadOnlySpan<float> vectors, int dimension, int candidate, bool isLast)
    {
        var most = _window.Most(_candidates)[candidate];
        var gain = TRule.Gain(TRule.Value(_start[candidate], most, _parameter), most);
        Exclude(candidate);
        if (!isLast)
            _window.Hold(vectors, dimension, candidate, _candidates);
        return gain;
    }

    /// <summary>Leaves a candidate out of what follows.</summary>
    public void Exclude(int candidate) => _start[candidate] = float.NegativeInfinity;

    private int Best()
    {
        var most = _window.Most(_candidates);
        var (best, value) = (-1, float.NegativeInfinity);
        for (var i = 0; i < most.Length; i++)
        {
            var next = TRule.Value(_start[i], most[i], _parameter);
            if (next > value || (best >= 0 && next == value && TRule.BreaksTie(value, most[i], most[best])))
                (best, value) = (i, next);
        }
        return best;
    }
}
