using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Recommend;

/// <summary>Times and counts of a request's stages, and how its answer falls short.</summary>
internal sealed class StageClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _stageStart = time.GetTimestamp();

    public List<StageReport> Stages { get; } = [];

    public List<Degradation> Degraded { get; } = [];

    /// <summary>Whether the request can be fine-ranked, so that its width matters to its time.</summary>
    public bool HasRanker { get; set; }

    /// <summary>Whether items that exist were not considered.</summary>
    public bool MissesItems { get; private set; }

    public double TookMs => time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Ends a stage. A stage begins where the one before it ends.</summary>
    public void End(string stage, int entered, int left, Dictionary<string, int>? dropped = null)
    {
        var now = time.GetTimestamp();
        Stages.Add(new StageReport(stage, entered, left, time.GetElapsedTime(_stageStart, now).TotalMilliseconds, dropped));
        _stageStart = now;
    }

    /// <summary>Notes that something could not be done.</summary>
    /// <param name="reason">What.</param>
    /// <param name="detail">For a human.</param>
    public void Degrade(DegradationReason reason, string detail)
    {
        Degraded.Add(new Degradation(reason.Stage, reason.Reason, detail));
        MissesItems |= reason.MissesItems;
    }

    /// <summary>Adds what a step that ran beside the stages, with a clock of its own, could not do.</summary>
    public void AddDegraded(StageClock other)
    {
        Degraded.AddRange(other.Degraded);
        MissesItems |= other.MissesItems;
    }
}
