using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// One diversity step, pick by pick: the value of each candidate as the next pick, given the items taken before. The caller picks; a rule may skip the
/// candidate with the highest value.
/// A workspace for one caller at a time: it keeps its memory.
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
    // Similarity vectors of all items before the next pick, oldest first: what a new start is conditioned on.
    private float[] _before = [];
    private double[] _gains = [];
    private bool[] _taken = [];
    private int _dimension;
    private int _count;
    private int _beforeCount;
    private int _picks;

    /// <summary>Starts a step.</summary>
    /// <param name="settings">Method and trade-off.</param>
    /// <param name="block">Columns of the candidates.</param>
    /// <param name="rows">Row of each candidate in the block, best first.</param>
    /// <param name="relevance">Relevance of each candidate, 0..1.</param>
    /// <param name="weights">
    /// Traffic weight of each candidate, positive; empty for 1. It multiplies the quality of a DPP, and the relevance of the other methods.
    /// </param>
    /// <param name="served">Items served before, oldest first; null for none.</param>
    /// <param name="picks">Most items that will be taken.</param>
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
            throw new ArgumentException($"{relevance.Length} relevances do not fit {rows.Length} candidates", nameof(relevance));
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
            WorkArray.Grow(ref _gains, order.Length);
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

    /// <summary>Value of each candidate as the next pick; larger is better, minus infinity once taken.</summary>
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
    /// <param name="isLast">Whether this is the last pick, so that nobody asks for values again.</param>
    /// <returns>
    /// Gain of the pick: the log-determinant that it added (DPP), its marginal relevance (MMR) or its distance from the nearest item (scatter). Null without
    /// diversity, and for a DPP's pick that only copies other items.
    /// </returns>
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

    /// <summary>Takes an item that is not a candidate, as a pin or a rule may: later picks are compared with it too.</summary>
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
            throw new ArgumentException($"{weights.Length} weights do not fit {relevance.Length} candidates", nameof(weights));
        _settings = settings;
        (_count, _picks, _beforeCount) = (relevance.Length, picks, 0);
        _dimension = block.ContentDimension + Kinds;
        WorkArray.Grow(ref _quality, _count);
        WorkArray.Grow(ref _values, _count);
        WorkArray.Grow(ref _taken, _count);
        _taken.AsSpan(0, _count).Clear();
        for (var i = 0; i < _count; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            _quality[i] = settings.Method == DiversityMethod.Dpp ? GreedyDpp.Quality(relevance[i], settings.Theta, weight) : relevance[i] * weight;
        }
        if (settings.Method == DiversityMethod.None)
            return;
        WorkArray.Grow(ref _vectors, _count * _dimension);
        for (var i = 0; i < _count; i++)
            Similarity(block, rows.IsEmpty ? i : rows[i], _vectors.AsSpan(i * _dimension, _dimension));
    }

    private void Start()
    {
        var vectors = _vectors.AsSpan(0, _settings.Method == DiversityMethod.None ? 0 : _count * _dimension);
        var quality = _quality.AsSpan(0, _count);
        var before = _before.AsSpan(0, _beforeCount * _dimension);
        switch (_settings.Method)
        {
            case DiversityMethod.Dpp:
                _dpp.Begin(vectors, _dimension, quality, before, _picks, _settings.Window);
                break;
            case DiversityMethod.Mmr:
                _relevant.Begin(vectors, _dimension, quality, before, _settings.Theta, _picks, _settings.Window);
                break;
            case DiversityMethod.Scatter:
                _scatter.Begin(vectors, _dimension, quality, before, _settings.Theta, _picks, _settings.Window);
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
        WorkArray.Grow(ref _before, (_beforeCount + 1) * _dimension, keep: true);
        Similarity(block, row, _before.AsSpan(_beforeCount++ * _dimension, _dimension));
    }

    private void Append(ReadOnlySpan<float> vector)
    {
        WorkArray.Grow(ref _before, (_beforeCount + 1) * _dimension, keep: true);
        vector.CopyTo(_before.AsSpan(_beforeCount++ * _dimension));
    }
}
