using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>What was computed from a chunk and can be used again, by later views as well, until something about the chunk changes: then the next view starts with a new one, which keeps what the change does not touch.</summary>
internal sealed class ChunkMemo
{
    // Scenes that are served at a time; a scene more costs passes, not answers.
    private const int KeptFilters = 8;
    private const int KeptFresh = 4;

    private readonly ChunkAdmission?[] _admissions = new ChunkAdmission?[KeptFilters];
    private readonly FreshColumn?[] _fresh = new FreshColumn?[KeptFresh];
    private HotColumn? _hot;
    private ChunkEligibility? _eligible;
    private int _nextAdmission;
    private int _nextFresh;

    /// <summary>A memo of a chunk.</summary>
    /// <param name="before">The one from before the chunk changed; null for none.</param>
    public ChunkMemo(ChunkMemo? before)
    {
        HotBefore = before?.Hot ?? before?.HotBefore;
        for (var i = 0; before is not null && i < KeptFilters; i++)
            _admissions[i] = Volatile.Read(ref before._admissions[i]) is { Key.Counts: false } kept ? kept : null;
    }

    /// <summary>The hot channel's scores.</summary>
    public HotColumn? Hot
    {
        get => Volatile.Read(ref _hot);
        set => Volatile.Write(ref _hot, value);
    }

    /// <summary>Scores from before the last change: most of them still hold.</summary>
    public HotColumn? HotBefore { get; }

    /// <summary>Eligibility of the last world and times asked for.</summary>
    public ChunkEligibility? Eligible
    {
        get => Volatile.Read(ref _eligible);
        set => Volatile.Write(ref _eligible, value);
    }

    /// <summary>Rows that a filter admits; null when that is not known for all of the chunk's rows.</summary>
    public ChunkAdmission? Admission(AdmissionKey key, int rows)
    {
        for (var i = 0; i < KeptFilters; i++)
        {
            if (Volatile.Read(ref _admissions[i]) is { } kept && kept.Key == key && kept.Rows >= rows)
                return kept;
        }
        return null;
    }

    /// <summary>Keeps the bitmap of a filter in place of an older one of its own, or of the oldest.</summary>
    public void Keep(ChunkAdmission admission)
    {
        for (var i = 0; i < KeptFilters; i++)
        {
            if (Volatile.Read(ref _admissions[i]) is not { } kept || kept.Key.Hash == admission.Key.Hash)
            {
                Volatile.Write(ref _admissions[i], admission);
                return;
            }
        }
        Volatile.Write(ref _admissions[(uint)Interlocked.Increment(ref _nextAdmission) % KeptFilters], admission);
    }

    /// <summary>Works that are owed exposure; null when that was not worked out yet.</summary>
    public FreshColumn? Fresh(ColdStartSettings settings, long now)
    {
        for (var i = 0; i < KeptFresh; i++)
        {
            if (Volatile.Read(ref _fresh[i]) is { } kept && kept.Now == now && kept.Settings == settings)
                return kept;
        }
        return null;
    }

    /// <summary>Keeps works that are owed exposure.</summary>
    public void Keep(FreshColumn fresh)
    {
        for (var i = 0; i < KeptFresh; i++)
        {
            if (Volatile.Read(ref _fresh[i]) is not { } kept || kept.Settings == fresh.Settings)
            {
                Volatile.Write(ref _fresh[i], fresh);
                return;
            }
        }
        Volatile.Write(ref _fresh[(uint)Interlocked.Increment(ref _nextFresh) % KeptFresh], fresh);
    }
}

/// <summary>Scores of the hot channel of a chunk's rows, on the scale of <see cref="HotScale"/>: they hold at any time.</summary>
/// <param name="Rows">Rows that have a score, dead and ineligible ones included.</param>
/// <param name="Scores">Their scores, filled up to whole words of a bitmap. Pinned, so that kernels may read it by address as long as they hold it.</param>
/// <param name="Best">The largest of every block, which is a page of counters: most blocks hold nothing that can still win.</param>
/// <param name="Versions">Version of the counters that each block was computed from.</param>
internal sealed record HotColumn(int Rows, float[] Scores, float[] Best, long[] Versions)
{
    /// <summary>Whether a block holds the scores of rows whose counters have a version.</summary>
    public bool Holds(int block, int end, long version) => end <= Rows && Versions[block] == version;
}

/// <summary>Rows of a chunk whose exposure is owed and not yet delivered, dead and ineligible ones included.</summary>
/// <param name="Settings">What is owed.</param>
/// <param name="Now">The time, unix milliseconds.</param>
/// <param name="Rows">Places in the chunk, in the order of their scores.</param>
/// <param name="Scores">Score of each, descending.</param>
internal sealed record FreshColumn(ColdStartSettings Settings, long Now, int[] Rows, float[] Scores);
