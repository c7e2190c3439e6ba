using System.Collections.Concurrent;
using System.Text.Json;
using HdrHistogram;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Bench;

/// <summary>What a measurement found. Times are milliseconds to three significant digits; failed requests are counted but not timed.</summary>
internal sealed class LoadResult(LoadPlan plan)
{
    private const long LongestMicroseconds = 600_000_000;

    private readonly LongConcurrentHistogram _microseconds = new(1, LongestMicroseconds, 3);
    private readonly ConcurrentDictionary<string, long> _errors = new();
    private long _degraded;

    /// <summary>The plan.</summary>
    public LoadPlan Plan => plan;

    /// <summary>Time from the end of the warm-up to the last answer.</summary>
    public TimeSpan Measured { get; set; }

    /// <summary>What the service said of itself meanwhile; null when it does not say.</summary>
    public ServerLoad? Server { get; set; }

    /// <summary>CPU time of this process from the end of the warm-up to the last answer.</summary>
    public TimeSpan ClientCpu { get; set; }

    /// <summary>CPU milliseconds of this process a request; 0 without requests.</summary>
    public double ClientCpuMsPerRequest => Requests == 0 ? 0 : ClientCpu.TotalMilliseconds / Requests;

    /// <summary>Requests answered.</summary>
    public long Requests => _microseconds.TotalCount;

    /// <summary>Requests answered a second.</summary>
    public double PerSecond => Measured > TimeSpan.Zero ? Requests / Measured.TotalSeconds : 0;

    /// <summary>Answers that said that they were degraded.</summary>
    public long Degraded => Volatile.Read(ref _degraded);

    /// <summary>Failures by status.</summary>
    public IReadOnlyDictionary<string, long> Errors => _errors;

    /// <summary>A percentile in milliseconds; 0 without requests.</summary>
    public double Percentile(double percent) => Requests == 0 ? 0 : Math.Round(_microseconds.GetValueAtPercentile(percent) / 1000.0, 3);

    /// <summary>Counts an answer.</summary>
    public void Add(TimeSpan took, bool degraded)
    {
        _microseconds.RecordValue(Math.Clamp((long)took.TotalMicroseconds, 1, LongestMicroseconds));
        if (degraded)
            Interlocked.Increment(ref _degraded);
    }

    /// <summary>Counts a failure.</summary>
    public void AddError(string status) => _errors.AddOrUpdate(status, 1, (_, n) => n + 1);

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        loop = plan.Rate is null ? "closed" : "open",
        callers = plan.Callers,
        rate = plan.Rate,
        seconds = Math.Round(Measured.TotalSeconds, 3),
        requests = Requests,
        requestsPerSecond = Math.Round(PerSecond, 1),
        p50Ms = Percentile(50),
        p90Ms = Percentile(90),
        p99Ms = Percentile(99),
        p999Ms = Percentile(99.9),
        maxMs = Percentile(100),
        degraded = Degraded,
        errors = Errors,
        cpuMsPerRequest = Server is { } server ? Math.Round(server.CpuMsPerRequest, 3) : (double?)null,
        clientCpuMsPerRequest = Math.Round(ClientCpuMsPerRequest, 3),
        stages = Server?.Stages.ToDictionary(s => s.Key, s => Math.Round(s.Value, 3)),
    }, KgJson.Options);
}
