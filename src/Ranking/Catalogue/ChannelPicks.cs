using KgOrleans.Kernels;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The best rows of one channel for one request: the certain ones first, then the uncertain ones. Memory is kept for the next request.</summary>
internal sealed class ChannelPicks
{
    private int[] _rows = [];
    private float[] _scores = [];
    private ulong[] _keys = [];

    public int Count { get; private set; }

    /// <summary>Picks at the front that belong to the global best, in no order.</summary>
    public int Certain { get; private set; }

    /// <summary>What scores of certain picks may be off by; 0 when all are exact.</summary>
    public float Error { get; private set; }

    public bool IsCut { get; private set; }

    public bool IsLate { get; private set; }

    public ScoreBound WorstCertain { get; private set; }

    public ScoreBound BestCut { get; private set; }

    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    /// <summary>Keys; of certain picks 0 where <see cref="Error"/> is not.</summary>
    public ReadOnlySpan<ulong> Keys => _keys.AsSpan(0, Count);

    public void Clear()
    {
        (Count, Certain, Error, IsCut, IsLate) = (0, 0, 0, false, false);
        (WorstCertain, BestCut) = (ScoreBound.Best, ScoreBound.Worst);
    }

    /// <summary>The channel took too long: whatever it has found does not count.</summary>
    public void MarkLate()
    {
        Clear();
        IsLate = true;
    }

    /// <summary>Takes what a stream has kept, best first; none is certain.</summary>
    public void Complete(TopKStream best)
    {
        Reserve(best.K);
        Count = best.Complete(_rows, _scores, _keys);
    }

    /// <summary>Takes picks that are in order, the first of them as certain.</summary>
    public void DivideSorted(int certain, int room, long offered)
    {
        if (Count == 0)
            return;
        Certain = Math.Min(certain, Count);
        if (Certain > 0)
            WorstCertain = new ScoreBound(_scores[Certain - 1], _keys[Certain - 1]);
        IsCut = Count == room && Count < offered;
        if (IsCut)
            BestCut = new ScoreBound(_scores[Count - 1], _keys[Count - 1]);
    }

    /// <summary>Takes what a stream has kept of some rows, the best of them as certain.</summary>
    /// <param name="best">The stream.</param>
    /// <param name="certain">How many are certain.</param>
    /// <param name="offered">Rows that could have been offered: when fewer were kept than there is room for, or than there are rows, none was cut.</param>
    /// <param name="zones">Workspace.</param>
    public void Complete(TopKStream best, int certain, long offered, PickZones zones)
    {
        Reserve(best.K);
        Count = best.CompleteUnsorted(_rows, _scores, _keys);
        Certain = Math.Min(certain, Count);
        if (Certain > 0)
            WorstCertain = zones.Partition(_rows.AsSpan(0, Count), _scores.AsSpan(0, Count), _keys.AsSpan(0, Count), Certain);
        IsCut = Count == best.K && Count < offered;
        if (IsCut)
            BestCut = Certain == Count ? WorstCertain : PickZones.Worst(Scores[Certain..], Keys[Certain..]);
    }

    /// <summary>Takes picks that were worked out elsewhere.</summary>
    public void Set(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int certain, float error, ScoreBound worstCertain, ScoreBound? bestCut)
    {
        Reserve(rows.Length);
        rows.CopyTo(_rows);
        scores.CopyTo(_scores);
        keys.CopyTo(_keys);
        (Count, Certain, Error, WorstCertain, IsCut) = (rows.Length, certain, error, worstCertain, bestCut is not null);
        BestCut = bestCut ?? ScoreBound.Worst;
    }

    private void Reserve(int count)
    {
        if (_rows.Length < count)
            (_rows, _scores, _keys) = (new int[count], new float[count], new ulong[count]);
    }
}
