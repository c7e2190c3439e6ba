using System.Text.Json;
using System.Text.Json.Serialization;
using KgOrleans.DemoWorld.Hidden;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Cli.Http;

/// <summary>A request for a page; members left out take the service's defaults.</summary>
internal sealed record RecommendRequest
{
    public required string UserId { get; init; }

    public required string Scene { get; init; }

    public int? PageSize { get; init; }

    public string? PageToken { get; init; }

    public bool? Explain { get; init; }

    public bool? DryRun { get; init; }
}

/// <summary>A page.</summary>
internal sealed record RecommendReply
{
    public string RequestId { get; init; } = "";

    public IReadOnlyList<RecommendedItem> Items { get; init; } = [];

    public string? NextPageToken { get; init; }

    public IReadOnlyList<Degradation> Degraded { get; init; } = [];

    public string? ModelVersion { get; init; }

    public int SceneVersion { get; init; }

    public IReadOnlyDictionary<string, string> Experiments { get; init; } = new Dictionary<string, string>();

    public double TookMs { get; init; }

    public Funnel? Funnel { get; init; }
}

/// <summary>One work of a page.</summary>
internal sealed record RecommendedItem
{
    public string ItemId { get; init; } = "";

    public int Position { get; init; }

    public IReadOnlyList<string> Channels { get; init; } = [];

    public ItemScores Scores { get; init; } = new();

    public IReadOnlyList<string> Reasons { get; init; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<double>>? Features { get; init; }

    /// <summary>What the service says beyond what this program knows: shown under its own name.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>Scores of one work at each stage; null where a stage did not score it.</summary>
internal sealed record ItemScores
{
    public IReadOnlyDictionary<string, double>? Recall { get; init; }

    public double? PreRank { get; init; }

    public double? FineRank { get; init; }

    public IReadOnlyDictionary<string, double>? Objectives { get; init; }

    public double? Final { get; init; }

    public double? DiversityGain { get; init; }

    /// <summary>Scores beyond those that this program knows: shown under their own names.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>Something that the service could not do as it should.</summary>
internal sealed record Degradation(string Stage, string Reason, string? Detail);

/// <summary>Counts and times of the stages, when asked for.</summary>
internal sealed record Funnel
{
    public IReadOnlyList<FunnelStage> Stages { get; init; } = [];

    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();

    public IReadOnlyDictionary<string, int> Channels { get; init; } = new Dictionary<string, int>();

    public IReadOnlyDictionary<string, int> RelaxedRules { get; init; } = new Dictionary<string, int>();

    public long UserStateVersion { get; init; }

    public IReadOnlyList<ShardView> Shards { get; init; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<double>>? Features { get; init; }

    /// <summary>What the service says beyond what this program knows.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>One stage: works in, works out, milliseconds, works dropped by reason.</summary>
internal sealed record FunnelStage(string Stage, int In, int Out, double TookMs, IReadOnlyDictionary<string, int>? Dropped);

/// <summary>What one shard answered from.</summary>
internal sealed record ShardView(int Shard, long ViewEpoch, long LogPosition, long CounterEpoch, string? SpaceId);

/// <summary>A remembered request.</summary>
internal sealed record RequestReply
{
    public string RequestId { get; init; } = "";

    public DateTimeOffset At { get; init; }

    public string UserId { get; init; } = "";

    public string Scene { get; init; } = "";

    public int PageSize { get; init; }

    public bool Continued { get; init; }

    public bool DryRun { get; init; }

    public int Excluded { get; init; }

    public JsonElement? Filter { get; init; }

    public JsonElement? Context { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public RecommendReply Answer { get; init; } = new();
}
