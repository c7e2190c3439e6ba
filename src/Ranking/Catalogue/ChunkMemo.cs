namespace KgOrleans.Ranking.Catalogue;

/// <summary>What was computed from a chunk and can be used again, by later views as well, until something about the chunk changes: then the next view starts with a new one.</summary>
/// <param name="before">Scores from before the change: most of them still hold.</param>
internal sealed class ChunkMemo(HotColumn? before)
{
    private HotColumn? _hot;
    private ChunkEligibility? _eligible;

    /// <summary>The hot channel's scores of the last time asked for.</summary>
    public HotColumn? Hot
    {
        get => Volatile.Read(ref _hot);
        set => Volatile.Write(ref _hot, value);
    }

    /// <summary>Scores from before the last change.</summary>
    public HotColumn? HotBefore => before;

    /// <summary>Eligibility of the last world and times asked for.</summary>
    public ChunkEligibility? Eligible
    {
        get => Volatile.Read(ref _eligible);
        set => Volatile.Write(ref _eligible, value);
    }
}

/// <summary>Scores of the hot channel of a chunk's rows at a time.</summary>
/// <param name="Now">The time, unix milliseconds.</param>
/// <param name="Scores">One a row, dead and ineligible ones included.</param>
/// <param name="Best">The largest of every block, which is a page of counters: most blocks hold nothing that can still win.</param>
/// <param name="Versions">Version of the counters that each block was computed from.</param>
internal sealed record HotColumn(long Now, float[] Scores, float[] Best, long[] Versions)
{
    /// <summary>Whether a block holds the scores of rows whose counters have a version at a time.</summary>
    public bool Holds(int block, int end, long version, long now) => Now == now && end <= Scores.Length && Versions[block] == version;
}
