using KgOrleans.Kernels.TopK;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>The best rows of one channel for one request: the certain ones first, then the uncertain ones. The memory is kept for the next request.</summary>
internal sealed class ChannelPicks
{
    private int[] _rows = [];
    private float[] _scores = [];

    public int Count { get; private set; }

    /// <summary>Picks at the front that belong to the global best, in no order.</summary>
    public int Certain { get; private set; }

    /// <summary>By how much scores of certain picks may be off; 0 when all are exact.</summary>
    public float Error { get; private set; }

    public bool IsCut { get; private set; }

    public bool IsLate { get; private set; }

    public ScoreBound WorstCertain { get; private set; }

    public ScoreBound BestCut { get; private set; }

    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    public void Clear()
    {
        (Count, Certain, Error, IsCut, IsLate) = (0, 0, 0, false, false);
        (WorstCertain, BestCut) = (ScoreBound.Best, ScoreBound.Worst);
    }

    /// <summary>The channel took too long: what it has found does not count.</summary>
    public void MarkLate()
    {
        Clear();
        IsLate = true;
    }

    /// <summary>Takes the rows that a stream has kept, best first; none is certain.</summary>
    public void Complete(TopKStream best)
    {
        Reserve(best.K);
        Count = best.Complete(_rows, _scores);
    }

    /// <summary>Takes rows that are in order, the first of them as certain.</summary>
    /// <param name="rows">Rows, best first.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="certain">How many are certain.</param>
    /// <param name="isCut">Whether there may be more items of the channel, all behind these.</param>
    /// <param name="store">Keys of the rows.</param>
    public void TakeSorted(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, int certain, bool isCut, RowStore store)
    {
        Reserve(rows.Length);
        rows.CopyTo(_rows);
        scores.CopyTo(_scores);
        Count = rows.Length;
        DivideSorted(certain, isCut, store);
    }

    /// <summary>Takes the first of picks that are in order as certain.</summary>
    /// <param name="certain">How many are certain.</param>
    /// <param name="isCut">Whether there may be more items of the channel, all behind these.</param>
    /// <param name="store">Keys of the rows.</param>
    public void DivideSorted(int certain, bool isCut, RowStore store)
    {
        if (Count == 0)
            return;
        (Certain, IsCut) = (Math.Min(certain, Count), isCut);
        if (Certain > 0)
            WorstCertain = PlaceOf(Certain - 1, store);
        if (IsCut)
            BestCut = PlaceOf(Count - 1, store);
    }

    /// <summary>Takes the best of some rows, the best of those as certain.</summary>
    /// <param name="rows">Rows, without repetition; they are reordered.</param>
    /// <param name="scores">Their scores, none NaN.</param>
    /// <param name="quota">How many to take at most, at least 1.</param>
    /// <param name="certain">How many are certain.</param>
    /// <param name="isCut">Whether there are more items of the channel, all behind the best of these.</param>
    /// <param name="store">Keys of the rows.</param>
    /// <param name="zones">Workspace.</param>
    public void Choose(Span<int> rows, Span<float> scores, int quota, int certain, bool isCut, RowStore store, PickZones zones)
    {
        Count = Math.Min(rows.Length, quota);
        if (rows.Length > quota)
            (BestCut, isCut) = (zones.Partition(rows, scores, quota, store), true);
        Reserve(Count);
        rows[..Count].CopyTo(_rows);
        scores[..Count].CopyTo(_scores);
        (Certain, IsCut) = (Math.Min(certain, Count), isCut);
        if (Certain > 0)
            WorstCertain = zones.Partition(_rows.AsSpan(0, Count), _scores.AsSpan(0, Count), Certain, store);
        // Cut items stand behind the worst pick.
        if (isCut && rows.Length <= quota)
            BestCut = Certain == Count ? WorstCertain : PickZones.Worst(Scores[Certain..], new RowKeys(store, Rows[Certain..]));
    }

    /// <summary>Takes picks that were computed elsewhere.</summary>
    public void Set(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, int certain, float error, ScoreBound worstCertain, ScoreBound? bestCut)
    {
        Reserve(rows.Length);
        rows.CopyTo(_rows);
        scores.CopyTo(_scores);
        (Count, Certain, Error, WorstCertain, IsCut) = (rows.Length, certain, error, worstCertain, bestCut is not null);
        BestCut = bestCut ?? ScoreBound.Worst;
    }

    private ScoreBound PlaceOf(int pick, RowStore store) => new(_scores[pick], store.KeyAt(_rows[pick]));

    private void Reserve(int count)
    {
        if (_rows.Length < count)
            (_rows, _scores) = (new int[count], new float[count]);
    }
}
