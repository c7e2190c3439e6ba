using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Client;

/// <summary>Counts and times of the stages of one request.</summary>
public sealed record Funnel
{
    /// <summary>Stages in order.</summary>
    public IReadOnlyList<FunnelStage> Stages { get; init; } = [];

    /// <summary>Items of the catalogue that were not eligible, by reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();

    /// <summary>Items of each recall channel, merged over the shards.</summary>
    public IReadOnlyDictionary<string, int> Channels { get; init; } = new Dictionary<string, int>();

    /// <summary>Rules that gave way: how many items each is short of or broken by.</summary>
    public IReadOnlyDictionary<string, int> RelaxedRules { get; init; } = new Dictionary<string, int>();

    /// <summary>Version of the user's state.</summary>
    public long UserStateVersion { get; init; }

    /// <summary>The view that each shard answered from.</summary>
    public IReadOnlyList<ShardView> Shards { get; init; } = [];

    /// <summary>The ranker's inputs for the user and the request, by feature.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>>? Features { get; init; }

    /// <summary>Members that this client does not know, under the service's names.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>One stage.</summary>
/// <param name="Stage">Name.</param>
/// <param name="In">Items that entered.</param>
/// <param name="Out">Items that left.</param>
/// <param name="TookMs">Milliseconds.</param>
/// <param name="Dropped">Items that the stage dropped, by reason.</param>
public sealed record FunnelStage(string Stage, int In, int Out, double TookMs, IReadOnlyDictionary<string, int>? Dropped);

/// <summary>The view that one shard answered from.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="ViewEpoch">Number of the view; it grows with every change that is served.</param>
/// <param name="LogPosition">Position in the shard's log up to which the view holds writes.</param>
/// <param name="CounterEpoch">Number of the state of the event counters.</param>
/// <param name="SpaceId">Embedding space of the item vectors; null without vectors.</param>
public sealed record ShardView(int Shard, long ViewEpoch, long LogPosition, long CounterEpoch, string? SpaceId);
