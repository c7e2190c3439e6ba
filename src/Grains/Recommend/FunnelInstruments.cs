using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Recommend;

/// <summary>Counts and times of the funnel: as metrics, and for the Dashboard.</summary>
public sealed class FunnelInstruments : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "KgOrleans.Funnel";

    // Weight of the newest request in the Dashboard's moving means: about the last hundred requests.
    private const double MeanStep = 0.02;

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requestCounter;
    private readonly Counter<long> _degradedCounter;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stageDuration;
    private readonly ConcurrentDictionary<string, long> _degradedBy = new();
    private readonly ConcurrentDictionary<string, double> _meanStageMs = new();
    private long _requests;
    private long _degraded;

    /// <summary>Creates the instruments.</summary>
    public FunnelInstruments()
    {
        _requestCounter = _meter.CreateCounter<long>("kg.recommend.requests", "{request}", "Recommendation requests by status");
        _degradedCounter = _meter.CreateCounter<long>(
            "kg.recommend.degraded", "{answer}", "Degraded answers by stage and reason: one for each entry of degraded");
        _duration = _meter.CreateHistogram<double>("kg.recommend.duration", "ms", "Time of a recommendation request inside the cluster");
        _stageDuration = _meter.CreateHistogram<double>("kg.recommend.stage.duration", "ms", "Time of a stage of a recommendation request");
    }

    /// <summary>Requests so far.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Degraded answers so far.</summary>
    public long Degraded => Volatile.Read(ref _degraded);

    /// <summary>Degradations so far by reason.</summary>
    public Dictionary<string, long> DegradedBy => new(_degradedBy);

    /// <summary>Moving mean of each stage's milliseconds.</summary>
    public Dictionary<string, double> MeanStageMs => _meanStageMs.ToDictionary(s => s.Key, s => Math.Round(s.Value, 3));

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    internal void Record(RecommendStatus status, StageClock clock)
    {
        Interlocked.Increment(ref _requests);
        _requestCounter.Add(1, new KeyValuePair<string, object?>("status", status.ToString()));
        _duration.Record(clock.TookMs);
        foreach (var stage in clock.Stages)
        {
            _stageDuration.Record(stage.TookMs, new KeyValuePair<string, object?>("stage", stage.Stage));
            _meanStageMs.AddOrUpdate(stage.Stage, stage.TookMs, (_, mean) => mean + (MeanStep * (stage.TookMs - mean)));
        }
        if (clock.Degraded.Count > 0)
            Interlocked.Increment(ref _degraded);
        foreach (var degradation in clock.Degraded)
        {
            _degradedCounter.Add(
                1, new KeyValuePair<string, object?>("stage", degradation.Stage), new KeyValuePair<string, object?>("reason", degradation.Reason));
            _degradedBy.AddOrUpdate($"{degradation.Stage}.{degradation.Reason}", 1, (_, n) => n + 1);
        }
    }
}
