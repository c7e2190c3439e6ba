namespace KgOrleans.Grains.Interfaces;

/// <summary>How a request ended.</summary>
public enum RecommendStatus : byte
{
    /// <summary>A page, perhaps degraded, perhaps empty.</summary>
    Ok = 0,

    /// <summary>No such scene.</summary>
    UnknownScene = 1,

    /// <summary>The page token belongs to another user or scene, or has expired.</summary>
    InvalidPage = 2,

    /// <summary>No page can be served now; ask again.</summary>
    Unavailable = 3,

    /// <summary>The request breaks a rule of the scene: see the errors.</summary>
    Invalid = 4,
}

/// <summary>A page and how it came about.</summary>
/// <param name="Status">How the request ended.</param>
/// <param name="Detail">Reason when it is not <see cref="RecommendStatus.Ok"/>.</param>
/// <param name="Answer">The answer when it is.</param>
/// <param name="NextPage">State for the next page's token; null after the last page.</param>
[GenerateSerializer, Immutable, Alias("kg.RecommendReply")]
public sealed record RecommendReply(
    [property: Id(0)] RecommendStatus Status, [property: Id(1)] string? Detail, [property: Id(2)] RecommendAnswer? Answer, [property: Id(3)] byte[]? NextPage)
{
    /// <summary>What is wrong with the request when it is <see cref="RecommendStatus.Invalid"/>.</summary>
    [Id(4)] public WireFieldError[] Errors { get; init; } = [];
}

/// <summary>The body of an answer to <c>POST /v1/recommend</c>.</summary>
[GenerateSerializer, Immutable, Alias("kg.RecommendAnswer")]
public sealed record RecommendAnswer
{
    /// <summary>Id of the request, to be echoed in events.</summary>
    [Id(0)] public string RequestId { get; init; } = "";

    /// <summary>The page, best first.</summary>
    [Id(1)] public RecommendedItem[] Items { get; init; } = [];

    /// <summary>Token of the next page; null after the last.</summary>
    [Id(2)] public string? NextPageToken { get; init; }

    /// <summary>How the page falls short, and why. Empty for a full answer.</summary>
    [Id(3)] public Degradation[] Degraded { get; init; } = [];

    /// <summary>Version of the model bundle; null when none took part.</summary>
    [Id(4)] public string? ModelVersion { get; init; }

    /// <summary>Version of the scene.</summary>
    [Id(5)] public int SceneVersion { get; init; }

    /// <summary>Variant by experiment. Always empty: there are no experiments yet.</summary>
    [Id(6)] public Dictionary<string, string> Experiments { get; init; } = [];

    /// <summary>Milliseconds that the request took in the cluster.</summary>
    [Id(7)] public double TookMs { get; init; }

    /// <summary>Counts and times of every stage; only with <c>explain</c>.</summary>
    [Id(8)] public FunnelReport? Funnel { get; init; }
}

/// <summary>One item of a page.</summary>
[GenerateSerializer, Immutable, Alias("kg.RecommendedItem")]
public sealed record RecommendedItem
{
    /// <summary>Id.</summary>
    [Id(0)] public string ItemId { get; init; } = "";

    /// <summary>Position, from 0 on the first page and on through the next ones.</summary>
    [Id(1)] public int Position { get; init; }

    /// <summary>Recall channels that found it.</summary>
    [Id(2)] public string[] Channels { get; init; } = [];

    /// <summary>Scores of every stage.</summary>
    [Id(3)] public ItemScores Scores { get; init; } = new();

    /// <summary>Why it is here, as in <c>tag:ballad</c>, <c>creator:c0042</c>, <c>model</c>, <c>hot</c>, <c>coldStart</c>.</summary>
    [Id(4)] public string[] Reasons { get; init; } = [];

    /// <summary>What rules did to it; null when diversity alone would have placed it here.</summary>
    [Id(5)] public Placement? Placement { get; init; }

    /// <summary>
    /// The ranker's features of the item, by name; only with <c>explain</c>. Dense values are as they are, ids are rows of the bundle's vocabularies.
    /// </summary>
    [Id(6)] public Dictionary<string, float[]>? Features { get; init; }
}

/// <summary>Scores of one item at each stage; null where a stage did not score it.</summary>
[GenerateSerializer, Immutable, Alias("kg.ItemScores")]
public sealed record ItemScores
{
    /// <summary>Score of each channel that found it.</summary>
    [Id(0)] public Dictionary<string, double> Recall { get; init; } = [];

    /// <summary>Pre-rank score: of the two towers the fused dot product and what the scene adds to it.</summary>
    [Id(1)] public double? PreRank { get; init; }

    /// <summary>Fused score of the fine ranker, 0..1.</summary>
    [Id(2)] public double? FineRank { get; init; }

    /// <summary>Probability of each objective.</summary>
    [Id(3)] public Dictionary<string, double> Objectives { get; init; } = [];

    /// <summary>Relevance that re-ranking worked with, 0..1.</summary>
    [Id(4)] public double Final { get; init; }

    /// <summary>
    /// Gain of the diversity step, by the scene's method: the log-determinant that this item added, its marginal relevance, or its distance from the nearest
    /// item before it. Null when relevance or a rule alone placed it.
    /// </summary>
    [Id(5)] public double? DiversityGain { get; init; }

    /// <summary>
    /// For a request that explores: the probability of drawing this item at its place in the draw, given the items drawn before it. Diversity and rules
    /// follow the draw, so it is not the probability of the position.
    /// </summary>
    [Id(6)] public double? Propensity { get; init; }

    /// <summary>Score of the list-wise re-ranker.</summary>
    [Id(7)] public double? ListWise { get; init; }
}

/// <summary>What rules did to an item.</summary>
/// <param name="Preferred">Position on the page by diversity's preferences alone: its position plus how many items had a higher value at that moment.</param>
/// <param name="Pinned">Whether it is pinned here.</param>
/// <param name="Promoted">Whether a minimum share brought it here.</param>
[GenerateSerializer, Immutable, Alias("kg.Placement")]
public sealed record Placement([property: Id(0)] int Preferred, [property: Id(1)] bool Pinned, [property: Id(2)] bool Promoted);

/// <summary>One way in which a page falls short.</summary>
/// <param name="Stage">Stage of the funnel: recall, pins, hydrate, preRank, fineRank or reRank.</param>
/// <param name="Reason">Stable code, as in <c>shardTimeout</c>.</param>
/// <param name="Detail">For people.</param>
[GenerateSerializer, Immutable, Alias("kg.Degradation")]
public sealed record Degradation([property: Id(0)] string Stage, [property: Id(1)] string Reason, [property: Id(2)] string Detail);

/// <summary>Counts and times of every stage.</summary>
[GenerateSerializer, Immutable, Alias("kg.FunnelReport")]
public sealed record FunnelReport
{
    /// <summary>Stages in order.</summary>
    [Id(0)] public StageReport[] Stages { get; init; } = [];

    /// <summary>Items of the catalogue that were not eligible, by reason.</summary>
    [Id(1)] public Dictionary<string, long> Dropped { get; init; } = [];

    /// <summary>Best items of each channel after merging over the shards.</summary>
    [Id(2)] public Dictionary<string, int> Channels { get; init; } = [];

    /// <summary>Rules that gave way, by name: for a window rule the items that break it, for a minimum share the items that it lacks, for a pin 1.</summary>
    [Id(3)] public Dictionary<string, int> RelaxedRules { get; init; } = [];

    /// <summary>Version of the user's state.</summary>
    [Id(4)] public long UserStateVersion { get; init; }

    /// <summary>Per shard the view that answered.</summary>
    [Id(5)] public ShardReport[] Shards { get; init; } = [];

    /// <summary>The ranker's features of the user and the request, by name; only with <c>explain</c>.</summary>
    [Id(6)] public Dictionary<string, float[]>? Features { get; init; }

    /// <summary>Traffic classes with a share, in the scene's order: what this silo served of each, and what the page owed them.</summary>
    [Id(7)] public TrafficReport[] Traffic { get; init; } = [];
}

/// <summary>A traffic class with a share.</summary>
/// <param name="Least">Least share of the served positions, 0..1.</param>
/// <param name="Most">Largest share, 0..1.</param>
/// <param name="Share">Its share of the silo's newest positions in the scene, without this page; null when there are none.</param>
/// <param name="Positions">How many positions these are.</param>
/// <param name="Owed">Least items of the class that the page should have.</param>
/// <param name="Allowed">Most items of the class that the page may have.</param>
/// <param name="Served">Items of the class that it has.</param>
[GenerateSerializer, Immutable, Alias("kg.TrafficReport")]
public sealed record TrafficReport(
    [property: Id(0)] double Least, [property: Id(1)] double Most, [property: Id(2)] double? Share, [property: Id(3)] int Positions,
    [property: Id(4)] int Owed, [property: Id(5)] int Allowed, [property: Id(6)] int Served);

/// <summary>One stage.</summary>
/// <param name="Stage">Name.</param>
/// <param name="In">Items that entered.</param>
/// <param name="Out">Items that left.</param>
/// <param name="TookMs">Milliseconds.</param>
/// <param name="Dropped">Items that the stage dropped, by reason; null when it does not count them.</param>
[GenerateSerializer, Immutable, Alias("kg.StageReport")]
public sealed record StageReport(
    [property: Id(0)] string Stage, [property: Id(1)] int In, [property: Id(2)] int Out, [property: Id(3)] double TookMs,
    [property: Id(4)] Dictionary<string, int>? Dropped = null);

/// <summary>What one shard answered from.</summary>
[GenerateSerializer, Immutable, Alias("kg.ShardReport")]
public sealed record ShardReport(
    [property: Id(0)] int Shard, [property: Id(1)] long ViewEpoch, [property: Id(2)] long LogPosition, [property: Id(3)] long CounterEpoch,
    [property: Id(4)] string? SpaceId);

/// <summary>A coordinator as the Dashboard shows it.</summary>
[GenerateSerializer, Alias("kg.CoordinatorView")]
public sealed record CoordinatorView
{
    /// <summary>Requests answered by this silo.</summary>
    [Id(0)] public long Requests { get; init; }

    /// <summary>Answers that were degraded.</summary>
    [Id(1)] public long Degraded { get; init; }

    /// <summary>Answers by degradation reason.</summary>
    [Id(2)] public Dictionary<string, long> DegradedBy { get; init; } = [];

    /// <summary>Bundle in use.</summary>
    [Id(3)] public string ModelVersion { get; init; } = "";

    /// <summary>Embedding space in use.</summary>
    [Id(4)] public string SpaceId { get; init; } = "";

    /// <summary>Number of shards.</summary>
    [Id(5)] public int Shards { get; init; }

    /// <summary>Mean milliseconds of a stage over the newest requests.</summary>
    [Id(6)] public Dictionary<string, double> MeanStageMs { get; init; } = [];

    /// <summary>Silo that answered.</summary>
    [Id(7)] public string Silo { get; init; } = "";

    /// <summary>Revision of the scenes that the silo serves by; -1 before it has any.</summary>
    [Id(8)] public long SceneRevision { get; init; }
}
