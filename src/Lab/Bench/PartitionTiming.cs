using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Lab.Bench;

/// <summary>One measurement of a partition.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="N">Items.</param>
/// <param name="D">Components of an item vector.</param>
/// <param name="K">Items asked for; 0 where none are.</param>
/// <param name="Queries">Requests in flight.</param>
/// <param name="Threads">Threads that work.</param>
/// <param name="MsPerQuery">Milliseconds a request; of loads and upserts, of all of them.</param>
/// <param name="FloorMs">Median milliseconds of a plain pass over the codes and scales of the same number of rows, measured just before; of a load, of getting
/// as much zeroed memory from the system.</param>
/// <param name="RatioToFloor">The one divided by the other.</param>
/// <param name="GbPerS">Bytes of those rows divided by the time, in 10^9 bytes a second.</param>
internal sealed record PartitionTiming(
    string Name, int N, int D, int K, int Queries, int Threads, double MsPerQuery, double FloorMs, double RatioToFloor, double GbPerS)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Items written a second.</summary>
    public double? ItemsPerS { get; init; }

    /// <summary>Items written a second of processor time: what a machine with nothing else to do would show.</summary>
    public double? ItemsPerCpuS { get; init; }

    /// <summary>Growth of the process's resident memory, divided by the items.</summary>
    public double? BytesPerItem { get; init; }

    /// <summary>Native memory of the partition, divided by the items.</summary>
    public double? NativeBytesPerItem { get; init; }

    /// <summary>Share of the exact float32 best that was found.</summary>
    public double? Recall { get; init; }

    /// <summary>How many times the throughput of a thread, or of one caller at a time, beside which the row says what.</summary>
    public double? Speedup { get; init; }

    /// <summary>Requests answered by one pass, on average.</summary>
    public double? Batch { get; init; }

    /// <summary>Share of the live rows that the filter let through.</summary>
    public double? Selected { get; init; }

    /// <summary>Milliseconds of merging the shards' answers.</summary>
    public double? MergeMs { get; init; }

    /// <summary>Milliseconds of processor time a request, merge included: what a machine with nothing else to do would show.</summary>
    public double? CpuMs { get; init; }

    /// <summary>Bytes of the shards' answers, together.</summary>
    public long? ReplyBytes { get; init; }

    /// <summary>Requests whose answers did not suffice, so that shards would have been asked again.</summary>
    public int? AskedAgain { get; init; }

    /// <summary>A row with rounded numbers.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="n">Items.</param>
    /// <param name="d">Components.</param>
    /// <param name="k">Items asked for.</param>
    /// <param name="queries">Requests in flight.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="ms">Milliseconds a request.</param>
    /// <param name="floor">Milliseconds of the floor.</param>
    /// <param name="bytes">Bytes that the floor reads.</param>
    public static PartitionTiming Of(string name, int n, int d, int k, int queries, int threads, double ms, double floor, double bytes) =>
        new(name, n, d, k, queries, threads, Math.Round(ms, 4), Math.Round(floor, 4), Math.Round(ms / floor, 4), Math.Round(bytes / ms / 1e6, 2));

    /// <summary>One line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
