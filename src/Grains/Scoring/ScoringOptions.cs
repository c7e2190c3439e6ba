namespace KgOrleans.Grains.Scoring;

/// <summary>CPU work outside of grain turns: section <c>Kg:Scoring</c>.</summary>
public sealed class ScoringOptions
{
    /// <summary>Default of <see cref="QueueLength"/>: a second of work at a millisecond a job; behind a longer queue callers would have left.</summary>
    public const int DefaultQueueLength = 1024;

    /// <summary>Threads of the silo's scoring pool, 1..1024; 0 means one a core.</summary>
    public int Threads { get; set; }

    /// <summary>Jobs that may wait, 1..1,000,000. A job beyond that is refused: the page is served without what the job was for, or answered 503.</summary>
    public int QueueLength { get; set; } = DefaultQueueLength;

    internal void Check(SettingChecks checks)
    {
        checks.Range("Kg:Scoring:Threads", Threads, 0, 1024, "0 (one a core) or 1..1024");
        checks.Range("Kg:Scoring:QueueLength", QueueLength, 1, 1_000_000);
    }
}
