using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Recommend;

/// <summary>What one request went through: times and counts of its stages, and what could not be done.</summary>
internal sealed class StageClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private long _stageStart = time.GetTimestamp();

    public List<StageReport> Stages { get; } = [];

    public List<Degradation> Degraded { get; } = [];

    public double TookMs => time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Ends a stage that began when the one before ended.</summary>
    public void End(string stage, int entered, int left, Dictionary<string, int>? dropped = null)
    {
        var now = time.GetTimestamp();
        Stages.Add(new StageReport(stage, entered, left, time.GetElapsedTime(_stageStart, now).TotalMilliseconds, dropped));
        _stageStart = now;
    }

    public void Degrade(string stage, string reason, string detail) => Degraded.Add(new Degradation(stage, reason, detail));
}
