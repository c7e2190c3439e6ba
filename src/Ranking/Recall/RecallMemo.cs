using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>What recall computed from a chunk. Later views use it too, until something about the chunk changes.</summary>
internal sealed class RecallMemo : IMemo
{
    // Scenes that are served at a time; one more scene costs passes, but answers stay right.
    private const int KeptFilters = 8;
    private const int KeptFresh = 4;
    // Half-lives of scenes that are served at a time, and the hour before: 8 bytes a row each.
    private const int KeptHot = 4;

    private readonly ChunkAdmission?[] _admissions = new ChunkAdmission?[KeptFilters];
    private readonly FreshColumn?[] _fresh = new FreshColumn?[KeptFresh];
    private readonly HotColumn?[] _hots = new HotColumn?[KeptHot];
    private ChunkEligibility? _eligible;
    private int _nextAdmission;
    private int _nextFresh;

    /// <summary>Eligibility of the last world and times asked for.</summary>
    public ChunkEligibility? Eligible
    {
        get => Volatile.Read(ref _eligible);
        set => Volatile.Write(ref _eligible, value);
    }

    /// <inheritdoc />
    public IMemo AfterChange()
    {
        var next = new RecallMemo();
        for (var i = 0; i < KeptHot; i++)
            next._hots[i] = Volatile.Read(ref _hots[i]) is { } hot ? hot with { IsOld = true } : null;
        for (var i = 0; i < KeptFilters; i++)
            next._admissions[i] = Volatile.Read(ref _admissions[i]) is { Key.Counts: false } kept ? kept : null;
        return next;
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

    /// <summary>The hot channel's scores at a moment, those from before the last change included, most of which still hold; null for none.</summary>
    public HotColumn? Hot(HotMoment moment)
    {
        for (var i = 0; i < KeptHot; i++)
        {
            if (Volatile.Read(ref _hots[i]) is { } kept && kept.Moment == moment)
                return kept;
        }
        return null;
    }

    /// <summary>Keeps the hot channel's scores in place of those of the same moment, or of an earlier one.</summary>
    public void Keep(HotColumn hot)
    {
        var place = 0;
        for (var i = 0; i < KeptHot; i++)
        {
            var kept = Volatile.Read(ref _hots[i]);
            if (kept is null || kept.Moment == hot.Moment)
            {
                place = i;
                break;
            }
            if (kept.Moment.At < _hots[place]!.Moment.At)
                place = i;
        }
        Volatile.Write(ref _hots[place], hot);
    }

    /// <summary>Items that are owed exposure; null when that was not computed yet.</summary>
    public FreshColumn? Fresh(ColdStartSettings settings, long now)
    {
        for (var i = 0; i < KeptFresh; i++)
        {
            if (Volatile.Read(ref _fresh[i]) is { } kept && kept.Now == now && kept.Settings == settings)
                return kept;
        }
        return null;
    }

    /// <summary>Keeps items that are owed exposure.</summary>
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
