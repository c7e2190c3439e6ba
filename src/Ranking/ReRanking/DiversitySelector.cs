using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>How a diversity step weighs relevance against likeness.</summary>
/// <param name="Method">The method.</param>
/// <param name="Theta">Trade-off between relevance (1) and diversity (0): theta of the DPP, lambda of MMR, the greatest cosine of scatter.</param>
/// <param name="Window">How many newest works, the next one among them, are compared; 0 for all.</param>
/// <param name="KindShare">Share of the similarity that is kind alone, 0..1.</param>
public readonly record struct DiversitySettings(DiversityMethod Method, float Theta, int Window, float KindShare);

/// <summary>
/// One diversity step, pick by pick: what each candidate is worth next, given what was taken before. The caller picks; a rule may skip the
/// candidate with the highest value. A workspace for one caller at a time: it keeps its memory.
/// </summary>
public sealed class DiversitySelector
{
    private static readonly int Kinds = Enum.GetValues<ItemKind>().Length;

    private readonly GreedyDpp _dpp = new();
    private readonly MarginalRelevance _relevant = new();
    private readonly EmbeddingScatter _scatter = new();
    private DiversitySettings _settings;
    private float[] _vectors = [];
    private float[] _quality = [];
    private float[] _values = [];
    // Similarity vectors of all works before the next, oldest first: what a new start is conditioned on.
    private float[] _line = [];
    private double[] _gains = [];
    private bool[] _taken = [];
    private int _dimension;
    private int _count;
    private int _length;
    private int _picks;

    /// <summary>Starts a step.</summary>
    /// <param name="settings">Method and trade-off.</param>
    /// <param name="block">Columns of the candidates.</param>
    /// <param name="rows">Row of each candidate in the block, best first.</param>
    /// <param name="relevance">Relevance of each candidate, 0..1.</param>
    /// <param name="weights">Traffic weight of each candidate, positive; empty for 1. It multiplies the quality of a DPP, and the relevance of the other
    /// methods.</param>
    /// <param name="served">Works served before, oldest first; null for none.</param>
    /// <param name="picks">Most works that will be taken.</param>
    public void Begin(
        in DiversitySettings settings,
        ItemBlock block,
        ReadOnlySpan<int> rows,
        ReadOnlySpan<float> relevance,
        ReadOnlySpan<float> weights,
        ItemBlock? served,
        int picks)
    {
        if (relevance.Length != rows.Length)
            throw new ArgumentException($"{relevance.Length} relevances are not those of {rows.Length} candidates", nameof(relevance));
        Prepare(settings, block, rows, relevance, weights, picks);
        for (var i = 0; settings.Method != DiversityMethod.None && served is not null && i < served.Count; i++)
            Append(served, i);
        Start();
    }

    /// <summary>Picks candidates by diversity alone. Of a DPP those that are no more than copies of others come last, by quality.</summary>
    /// <param name="settings">Method and trade-off.</param>
    /// <param name="block">Columns of the candidates: candidate i is row i. There may be more rows behind them.</param>
    /// <param name="relevance">Relevance of each candidate, 0..1; its length says how many there are.</param>
    /// <param name="weights">Traffic weight of each candidate, positive; empty for 1.</param>
    /// <param name="picks">Picks wanted.</param>
    /// <returns>Indexes of the picks, in order: as many as wanted, or all candidates.</returns>
    public int[] Select(in DiversitySettings settings, ItemBlock block, ReadOnlySpan<float> relevance, ReadOnlySpan<float> weights, int picks)
    {
        var order = new int[Math.Min(picks, relevance.Length)];
        if (order.Length == 0)
            return order;
        Prepare(settings, block, [], relevance, weights, order.Length);
        if (settings.Method == DiversityMethod.Dpp)
        {
            Grow(ref _gains, order.Length);
            _dpp.Select(_vectors.AsSpan(0, _count * _dimension), _dimension, _quality.AsSpan(0, _count), order.Length, settings.Window, order, _gains);
            return order;
        }
        Start();
        for (var n = 0; n < order.Length; n++)
        {
            var values = Values();
            var best = 0;
            for (var i = 1; i < values.Length; i++)
                best = values[i] > values[best] ? i : best;
            order[n] = best;
            Take(best, isLast: n + 1 == order.Length);
        }
        return order;
    }

    /// <summary>What each candidate is worth as the next pick; larger is better, minus infinity once taken.</summary>
    public ReadOnlySpan<float> Values()
    {
        var values = _values.AsSpan(0, _count);
        switch (_settings.Method)
        {
            case DiversityMethod.Dpp:
                _dpp.Values(values);
                break;
            case DiversityMethod.Mmr:
                _relevant.Values(values);
                break;
            case DiversityMethod.Scatter:
                _scatter.Values(values);
                break;
            default:
                for (var i = 0; i < values.Length; i++)
                    values[i] = _taken[i] ? float.NegativeInfinity : _quality[i];
                break;
        }
        return values;
    }

    /// <summary>Takes a candidate.</summary>
    /// <param name="candidate">Its index.</param>
    /// <param name="isLast">Whether no values will be asked for any more.</param>
    /// <returns>What the step gained by it: the log-determinant that it added, its marginal relevance or its distance from the nearest; null without
    /// diversity, and for a DPP's pick that is no more than a copy of others.</returns>
    public double? Take(int candidate, bool isLast)
    {
        _taken[candidate] = true;
        if (_settings.Method == DiversityMethod.None)
            return null;
        var vectors = _vectors.AsSpan(0, _count * _dimension);
        var vector = vectors.Slice(candidate * _dimension, _dimension);
        Append(vector);
        var gain = _settings.Method switch
        {
            DiversityMethod.Dpp => _dpp.Take(vector, candidate, isLast),
            DiversityMethod.Mmr => _relevant.Take(vectors, _dimension, candidate),
            _ => _scatter.Take(vectors, _dimension, candidate),
        };
        return double.IsNaN(gain) ? null : gain;
    }

    /// <summary>Takes a work that is no candidate, as a pin or a rule may: what follows is compared with it as well.</summary>
    /// <param name="block">Columns that hold it.</param>
    /// <param name="row">Its row.</param>
    public void TakeOther(ItemBlock block, int row)
    {
        if (_settings.Method == DiversityMethod.None)
            return;
        Append(block, row);
        Start();
    }

    // Quality and similarity of the candidates: of rows of the block, or of its first rows.
    private void Prepare(
        in DiversitySettings settings, ItemBlock block, ReadOnlySpan<int> rows, ReadOnlySpan<float> relevance, ReadOnlySpan<float> weights, int picks)
    {
        if (weights.Length > 0 && weights.Length != relevance.Length)
            throw new ArgumentException($"{weights.Length} weights are not those of {relevance.Length} candidates", nameof(weights));
        _settings = settings;
        (_count, _picks, _length) = (relevance.Length, picks, 0);
        _dimension = block.ContentDimension + Kinds;
        Grow(ref _quality, _count);
        Grow(ref _values, _count);
        Grow(ref _taken, _count);
        _taken.AsSpan(0, _count).Clear();
        for (var i = 0; i < _count; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            _quality[i] = settings.Method == DiversityMethod.Dpp ? GreedyDpp.Quality(relevance[i], settings.Theta, weight) : relevance[i] * weight;
        }
        if (settings.Method == DiversityMethod.None)
            return;
        Grow(ref _vectors, _count * _dimension);
        for (var i = 0; i < _count; i++)
            Similarity(block, rows.IsEmpty ? i : rows[i], _vectors.AsSpan(i * _dimension, _dimension));
    }

    private void Start()
    {
        var vectors = _vectors.AsSpan(0, _settings.Method == DiversityMethod.None ? 0 : _count * _dimension);
        var quality = _quality.AsSpan(0, _count);
        var line = _line.AsSpan(0, _length * _dimension);
        switch (_settings.Method)
        {
            case DiversityMethod.Dpp:
                _dpp.Begin(vectors, _dimension, quality, line, _picks, _settings.Window);
                break;
            case DiversityMethod.Mmr:
                _relevant.Begin(vectors, _dimension, quality, line, _settings.Theta, _picks, _settings.Window);
                break;
            case DiversityMethod.Scatter:
                _scatter.Begin(vectors, _dimension, quality, line, _settings.Theta, _picks, _settings.Window);
                break;
            default:
                return;
        }
        for (var i = 0; i < _count; i++)
        {
            if (!_taken[i])
                continue;
            switch (_settings.Method)
            {
                case DiversityMethod.Dpp:
                    _dpp.Exclude(i);
                    break;
                case DiversityMethod.Mmr:
                    _relevant.Exclude(i);
                    break;
                default:
                    _scatter.Exclude(i);
                    break;
            }
        }
    }

    // f = [sqrt(1-b) content, sqrt(b) onehot(kind)]: unit length by construction.
    private void Similarity(ItemBlock block, int row, Span<float> vector) =>
        KindPrior.Fill(block.ContentOf(row), (int)block.Rows[row].Kind, _settings.KindShare, vector);

    private void Append(ItemBlock block, int row)
    {
        Grow(ref _line, (_length + 1) * _dimension, keep: true);
        Similarity(block, row, _line.AsSpan(_length++ * _dimension, _dimension));
    }

    private void Append(ReadOnlySpan<float> vector)
    {
        Grow(ref _line, (_length + 1) * _dimension, keep: true);
        vector.CopyTo(_line.AsSpan(_length++ * _dimension));
    }

    private static void Grow<T>(ref T[] array, int length, bool keep = false)
    {
        if (array.Length >= length)
            return;
        var larger = new T[Math.Max(length, 2 * array.Length)];
        if (keep)
            array.CopyTo(larger, 0);
        array = larger;
    }
}
