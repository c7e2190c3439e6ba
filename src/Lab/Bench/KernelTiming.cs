using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Lab.Bench;

/// <summary>One measurement of a kernel.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="N">Rows, scores or candidates.</param>
/// <param name="D">Components of a row; 0 where there are no rows.</param>
/// <param name="K">How many were kept or picked.</param>
/// <param name="Queries">Users served by one pass.</param>
/// <param name="Threads">Threads, each with rows of its own.</param>
/// <param name="MsPerQuery">Median milliseconds of a pass, divided by the users.</param>
/// <param name="FloorMs">Median milliseconds of a plain pass over the same bytes, measured just before.</param>
/// <param name="RatioToFloor">The one divided by the other.</param>
/// <param name="GbPerS">Bytes of the rows divided by the time of the pass, in 10^9 bytes a second.</param>
/// <param name="Recall">Share of the exact best that was found, where that is the point.</param>
internal sealed record KernelTiming(
    string Name, int N, int D, int K, int Queries, int Threads, double MsPerQuery, double FloorMs, double RatioToFloor, double GbPerS, double? Recall = null)
{

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Times a floor and then the action, both warmed up.</summary>
    public static KernelTiming Measure(string name, int n, int d, int k, int queries, int threads, long bytes, int repeat, Action floor, Action work)
    {
        var floorMs = BenchClock.Median(repeat, floor);
        var ms = BenchClock.Median(repeat, work);
        return new KernelTiming(
            name, n, d, k, queries, threads, Round(ms / queries), Round(floorMs), Round(ms / queries / floorMs), Math.Round(bytes / ms / 1e6, 2));
    }

    /// <summary>One line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static double Round(double value) => Math.Round(value, 4);
}
