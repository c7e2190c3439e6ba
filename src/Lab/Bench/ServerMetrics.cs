using System.Globalization;

namespace KgOrleans.Lab.Bench;

/// <summary>What <c>GET /metrics</c> says at a moment: sums and counts of the funnel's stages, requests, and the process's CPU time.</summary>
internal sealed class ServerMetrics
{
    private const string StageSum = "kg_recommend_stage_duration_milliseconds_sum";
    private const string StageCount = "kg_recommend_stage_duration_milliseconds_count";
    private const string Requests = "kg_recommend_requests_total";
    private const string CpuSeconds = "dotnet_process_cpu_time_seconds_total";

    private readonly Dictionary<string, double> _stageSum = [];
    private readonly Dictionary<string, double> _stageCount = [];
    private double _requests;
    private double _cpuSeconds;

    /// <summary>Reads the Prometheus text format; metrics of other names are passed over.</summary>
    public static ServerMetrics Parse(string text)
    {
        var metrics = new ServerMetrics();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == '#')
                continue;
            var end = line.IndexOfAny('{', ' ');
            if (end < 0)
                continue;
            var labelsEnd = line[end] == '{' ? line.LastIndexOf('}') : end - 1;
            var value = line[(labelsEnd + 1)..].Trim();
            // A time stamp may follow the value.
            if (value.IndexOf(' ') is var space and > 0)
                value = value[..space];
            if (labelsEnd < end - 1 || !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                continue;
            metrics.Add(line[..end], line[end] == '{' ? line[(end + 1)..labelsEnd] : [], number);
        }
        return metrics;
    }

    /// <summary>What happened between two moments; null when the service counted no request between them, or does not tell.</summary>
    public static ServerLoad? Between(ServerMetrics before, ServerMetrics after)
    {
        var requests = after._requests - before._requests;
        if (requests <= 0)
            return null;
        var stages = new Dictionary<string, double>();
        foreach (var (stage, count) in after._stageCount)
        {
            var runs = count - before._stageCount.GetValueOrDefault(stage);
            if (runs > 0)
                stages[stage] = (after._stageSum.GetValueOrDefault(stage) - before._stageSum.GetValueOrDefault(stage)) / runs;
        }
        return new ServerLoad((long)requests, (after._cpuSeconds - before._cpuSeconds) * 1_000 / requests, stages);
    }

    private void Add(ReadOnlySpan<char> name, ReadOnlySpan<char> labels, double value)
    {
        switch (name)
        {
            case StageSum when Label(labels, "stage") is { } stage:
                _stageSum[stage] = _stageSum.GetValueOrDefault(stage) + value;
                break;
            case StageCount when Label(labels, "stage") is { } stage:
                _stageCount[stage] = _stageCount.GetValueOrDefault(stage) + value;
                break;
            case Requests:
                _requests += value;
                break;
            case CpuSeconds:
                _cpuSeconds += value;
                break;
        }
    }

    // Names of stages hold no quotes.
    private static string? Label(ReadOnlySpan<char> labels, string name)
    {
        var start = labels.IndexOf($"{name}=\"");
        if (start < 0)
            return null;
        var value = labels[(start + name.Length + 2)..];
        return value.IndexOf('"') is var end and >= 0 ? value[..end].ToString() : null;
    }
}

/// <summary>What a service did while it was measured.</summary>
/// <param name="Requests">Requests that it counted.</param>
/// <param name="CpuMsPerRequest">CPU time of its whole process divided by them, milliseconds: everything that it did meanwhile is in it.</param>
/// <param name="Stages">Mean milliseconds of each stage of the funnel, in the funnel's order.</param>
internal sealed record ServerLoad(long Requests, double CpuMsPerRequest, IReadOnlyDictionary<string, double> Stages);
