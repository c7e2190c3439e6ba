namespace KgOrleans.Ranking.Catalogue;

/// <summary>What was computed from a chunk and can be used again, by later views as well, until something about the chunk changes: then the next view starts with an empty one.</summary>
internal sealed class ChunkMemo
{
    private HotColumn? _hot;
    private ChunkEligibility? _eligible;

    /// <summary>The hot channel's scores of the last time asked for.</summary>
    public HotColumn? Hot
    {
        get => Volatile.Read(ref _hot);
        set => Volatile.Write(ref _hot, value);
    }

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
/// <param name="Best">The largest of every <see cref="Block"/> of them: most blocks hold nothing that can still win.</param>
internal sealed record HotColumn(long Now, float[] Scores, float[] Best)
{
    /// <summary>Rows of a block: whole words of a bitmap.</summary>
    public const int Block = 256;
}
