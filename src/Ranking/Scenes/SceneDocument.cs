using System.Text.Json;

namespace KgOrleans.Ranking.Scenes;

/// <summary>A scene's pipeline: what each stage of the funnel does for one surface of the product.</summary>
public sealed record SceneDocument
{
    /// <summary>Name, as callers send it in <c>scene</c>.</summary>
    public string Scene { get; init; } = "";

    /// <summary>What the scene is for.</summary>
    public string? Description { get; init; }

    /// <summary>Time for a whole request in milliseconds when the caller sends no <c>timeoutMs</c>.</summary>
    public int DeadlineMs { get; init; } = 1_000;

    /// <summary>Members of <c>context</c> that callers may send; others are refused.</summary>
    public IReadOnlyList<string> ContextKeys { get; init; } = ["device", "city", "songId", "hour"];

    /// <summary>Content discovery: which works the scene draws from.</summary>
    public DiscoverySettings Discovery { get; init; } = new();

    /// <summary>Traffic policy by class of content: the weights of all classes that a work belongs to are multiplied and enter both diversity steps; a class of weight 0 is not admitted.</summary>
    public IReadOnlyList<TrafficClass> Traffic { get; init; } = [];

    /// <summary>Recall.</summary>
    public RecallSettings Recall { get; init; } = new();

    /// <summary>Pre-ranking.</summary>
    public PreRankSettings PreRank { get; init; } = new();

    /// <summary>Fine ranking.</summary>
    public FineRankSettings FineRank { get; init; } = new();

    /// <summary>Re-ranking.</summary>
    public ReRankSettings ReRank { get; init; } = new();

    /// <summary>Exploration.</summary>
    public ExplorationSettings Exploration { get; init; } = new();

    /// <summary>What counts as seen.</summary>
    public SeenSettings Seen { get; init; } = new();
}

/// <summary>Content discovery: which works a scene draws from.</summary>
public sealed record DiscoverySettings
{
    /// <summary>Oldest work that is still recommended, in days since publishing; the article's three months. Works without a publishing time never age.</summary>
    public double AgeWindowDays { get; init; } = 92;

    /// <summary>Kinds that are admitted; null for all.</summary>
    public IReadOnlyList<Items.ItemKind>? Kinds { get; init; }

    /// <summary>Least quality, 0..1; works of unknown quality are admitted. 0 admits all.</summary>
    public double MinQuality { get; init; }

    /// <summary>Predicate that every work must match; null for none.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>Most works of one creator among those that pre-ranking compares, best first; 0 for no cap.</summary>
    public int CreatorCap { get; init; }

    /// <summary>Exposure that new works are owed; null for none.</summary>
    public ColdStartSettings? ColdStart { get; init; }
}

/// <summary>Exposure that new works are owed: the fresh channel finds works that have not had it.</summary>
public sealed record ColdStartSettings
{
    /// <summary>Impressions that a new work is owed.</summary>
    public int Impressions { get; init; } = 100;

    /// <summary>Days since publishing in which it is owed them.</summary>
    public double Days { get; init; } = 14;

    /// <summary>Least quality of a work that is owed anything, 0..1; works of unknown quality are.</summary>
    public double MinQuality { get; init; } = 0.3;
}

/// <summary>A class of content and its traffic weight.</summary>
public sealed record TrafficClass
{
    /// <summary>Which works.</summary>
    public required JsonElement Filter { get; init; }

    /// <summary>Weight, 0..10; 1 changes nothing.</summary>
    public required double Weight { get; init; }
}

/// <summary>The recall channels of a scene. A channel that is not named has its default; quota 0 switches it off.</summary>
public sealed record RecallSettings
{
    /// <summary>Best works by user vector . item vector, or by the bundle's own recall head.</summary>
    public ChannelSettings Model { get; init; } = new() { Quota = 1_200 };

    /// <summary>Works of the tags, songs and creators that the user likes, by summed interest.</summary>
    public ChannelSettings Index { get; init; } = new() { Quota = 800 };

    /// <summary>Works with the highest time-decayed popularity.</summary>
    public ChannelSettings Hot { get; init; } = new() { Quota = 300 };

    /// <summary>Works of followed creators, of friends, of what friends liked, of the user's communities.</summary>
    public ChannelSettings Social { get; init; } = new() { Quota = 300 };

    /// <summary>New works that are owed exposure (<see cref="DiscoverySettings.ColdStart"/>), most owed first.</summary>
    public ChannelSettings Fresh { get; init; } = new() { Quota = 200, MinKeep = 10 };

    /// <summary>Works of the user's region, most popular first.</summary>
    public ChannelSettings Region { get; init; } = new() { Quota = 100, MinKeep = 10 };

    /// <summary>More like what was just played: works that share its song, creator or tags.</summary>
    public ChannelSettings Continue { get; init; } = new() { Quota = 100, MinKeep = 10 };

    /// <summary>Settings of a channel.</summary>
    public ChannelSettings Of(Catalogue.RecallChannel channel) => channel switch
    {
        Catalogue.RecallChannel.Model => Model,
        Catalogue.RecallChannel.Index => Index,
        Catalogue.RecallChannel.Hot => Hot,
        Catalogue.RecallChannel.Social => Social,
        Catalogue.RecallChannel.Fresh => Fresh,
        Catalogue.RecallChannel.Region => Region,
        Catalogue.RecallChannel.Continue => Continue,
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, "unknown recall channel"),
    };
}

/// <summary>One recall channel.</summary>
public sealed record ChannelSettings
{
    /// <summary>Works that the channel brings, over the whole catalogue; 0 switches it off. Required, so that naming a channel for another setting does not switch it off.</summary>
    public required int Quota { get; init; }

    /// <summary>Milliseconds after which a shard goes on without the channel, and the answer says so; more in proportion when a caller gives the request more time than the scene does.</summary>
    public int TimeoutMs { get; init; } = 200;

    /// <summary>Weight of the channel's score where recall scores rank (<see cref="PreRanker.RecallScore"/>), 0..100.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Works of the channel, its best, that survive pre-ranking whatever their score; without it the other channels would be decoration.</summary>
    public int MinKeep { get; init; } = 20;
}

/// <summary>What pre-ranking orders by.</summary>
public enum PreRanker : byte
{
    /// <summary>The two towers: user vector . item vector.</summary>
    Towers = 0,

    /// <summary>Real-time statistics of the work: smoothed rates of plays and likes, and popularity. The article's first pre-ranker.</summary>
    Statistics = 1,

    /// <summary>The recall channels' own scores, weighted.</summary>
    RecallScore = 2,
}

/// <summary>How a diversity step chooses.</summary>
public enum DiversityMethod : byte
{
    /// <summary>Greedy determinantal point process with a sliding window.</summary>
    Dpp = 0,

    /// <summary>Maximal marginal relevance.</summary>
    Mmr = 1,

    /// <summary>Embedding scatter: works closer than a distance to a pick in the window are passed over.</summary>
    Scatter = 2,

    /// <summary>Relevance alone.</summary>
    None = 3,
}

/// <summary>Pre-ranking and the diversity step after it.</summary>
public sealed record PreRankSettings
{
    /// <summary>What orders the recalled works.</summary>
    public PreRanker Ranker { get; init; } = PreRanker.Towers;

    /// <summary>What orders them when there is no user vector: statistics or recall score.</summary>
    public PreRanker Fallback { get; init; } = PreRanker.RecallScore;

    /// <summary>Weight of each objective's head in the fused dot product.</summary>
    public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>What is added to a work's pre-rank score.</summary>
    public PreRankCalibration Calibration { get; init; } = new();

    /// <summary>Works that are fetched after merging.</summary>
    public int Merge { get; init; } = 600;

    /// <summary>How the diversity step chooses.</summary>
    public DiversityMethod Diversity { get; init; } = DiversityMethod.Dpp;

    /// <summary>Works that diversity picks first; the rest follows by score.</summary>
    public int DiversePicks { get; init; } = 64;

    /// <summary>Diversity window of those picks: how many newest picks a pick is compared with.</summary>
    public int Window { get; init; } = 16;

    /// <summary>Trade-off between relevance (1) and diversity (0), at most 0.98.</summary>
    public double Theta { get; init; } = 0.9;

    /// <summary>Most works of one creator that go on to fine ranking, when there are others.</summary>
    public int CreatorCap { get; init; } = 8;

    /// <summary>Works that go on to fine ranking.</summary>
    public int Keep { get; init; } = 300;
}

/// <summary>What is added to the pre-rank score, on the scale of its dot product: freshness + quality + tone + creator.</summary>
public sealed record PreRankCalibration
{
    /// <summary>Added to a work that is published now; halves every <see cref="FreshnessHalfLifeDays"/>. Works without a publishing time get nothing.</summary>
    public double Freshness { get; init; }

    /// <summary>Half-life of freshness in days.</summary>
    public double FreshnessHalfLifeDays { get; init; } = 14;

    /// <summary>Times (quality - 0.5); unknown quality counts as 0.5.</summary>
    public double Quality { get; init; }

    /// <summary>Added by tone.</summary>
    public IReadOnlyDictionary<string, double> Tones { get; init; } = new Dictionary<string, double>();

    /// <summary>Added by creator.</summary>
    public IReadOnlyDictionary<string, double> Creators { get; init; } = new Dictionary<string, double>();

    /// <summary>Whether nothing is added to any work.</summary>
    public bool IsNone() => Freshness == 0 && Quality == 0 && Tones.Count == 0 && Creators.Count == 0;
}

/// <summary>Fine ranking and the fusion of its objectives.</summary>
public sealed record FineRankSettings
{
    /// <summary>How the objectives become one score.</summary>
    public FusionSettings Fusion { get; init; } = new();

    /// <summary>Calibration of an objective's logit before it becomes a probability: p = sigmoid(scale x logit + shift). Objectives that are not named are taken as they are.</summary>
    public IReadOnlyDictionary<string, PlattScaling> Calibration { get; init; } = new Dictionary<string, PlattScaling>();

    /// <summary>Works that go on to re-ranking.</summary>
    public int Keep { get; init; } = 100;

    /// <summary>How many works are fine-ranked when the server is loaded; null always ranks all that pre-ranking keeps.</summary>
    public AdaptiveWidth? AdaptiveWidth { get; init; } = new();
}

/// <summary>Fusion of objectives: (1 - blend) x product + blend x sum, where product = (prod p_k ^ e_k) ^ (1 / sum e_k) and sum = sum w_k p_k / sum w_k, each in 0..1.</summary>
public sealed record FusionSettings
{
    /// <summary>Exponent of each objective in the product; those not named have 0.</summary>
    public IReadOnlyDictionary<string, double> Product { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>Weight of each objective in the sum; those not named have 0.</summary>
    public IReadOnlyDictionary<string, double> Sum { get; init; } = new Dictionary<string, double>();

    /// <summary>Share of the sum, 0..1.</summary>
    public double Blend { get; init; }
}

/// <summary>Platt's scaling of a logit.</summary>
/// <param name="Scale">Factor, above 0.</param>
/// <param name="Shift">Added after it.</param>
public sealed record PlattScaling(double Scale, double Shift);

/// <summary>Adaptive width: holds a percentile of the request's time at a target by ranking fewer works, and grows back (the quality factor of Twitter's recommender).</summary>
public sealed record AdaptiveWidth
{
    /// <summary>Time of a request that <see cref="Percentile"/> of requests should stay below, milliseconds.</summary>
    public double TargetMs { get; init; } = 80;

    /// <summary>The percentile that is held, 50..99.9.</summary>
    public double Percentile { get; init; } = 99;

    /// <summary>Smallest share of <see cref="PreRankSettings.Keep"/> that is fine-ranked, above 0, at most 1.</summary>
    public double Least { get; init; } = 0.3;
}

/// <summary>Re-ranking: an optional list-wise model, diversity, then rules.</summary>
public sealed record ReRankSettings
{
    /// <summary>How the diversity step chooses.</summary>
    public DiversityMethod Diversity { get; init; } = DiversityMethod.Dpp;

    /// <summary>Trade-off between relevance (1) and diversity (0), at most 0.98.</summary>
    public double Theta { get; init; } = 0.7;

    /// <summary>How far the user's breadth of taste moves theta: theta - effect x (breadth - 0.5), where breadth is the normalised entropy of the weights of the user's tags, 0..1. 0 is the same for all.</summary>
    public double BreadthEffect { get; init; }

    /// <summary>Diversity window, in works; spans pages.</summary>
    public int Window { get; init; } = 10;

    /// <summary>Share of the similarity that is kind alone, 0..1.</summary>
    public double KindShare { get; init; } = 0.1;

    /// <summary>Whether the bundle's list-wise re-ranker re-scores the list before diversity, when it has one.</summary>
    public bool ListWise { get; init; }

    /// <summary>Factors of the fine score, before diversity.</summary>
    public IReadOnlyList<Boost> Boosts { get; init; } = [];

    /// <summary>Window rules, most important first. When they cannot all hold, minimum shares give way first, then the last of these.</summary>
    public IReadOnlyList<WindowRule> Rules { get; init; } = [new() { Field = "creatorId", Max = 1, In = 2 }, new() { Field = "songId", Max = 1, In = 2 }];

    /// <summary>Minimum shares, most important first.</summary>
    public IReadOnlyList<ShareRule> Shares { get; init; } = [];

    /// <summary>Works at fixed positions of the first page, when they may be shown to the user at all.</summary>
    public IReadOnlyList<Pin> Pins { get; init; } = [];
}

/// <summary>A factor of the fine score.</summary>
public sealed record Boost
{
    /// <summary>Which works.</summary>
    public required JsonElement Filter { get; init; }

    /// <summary>Factor, 0..10.</summary>
    public required double Factor { get; init; }
}

/// <summary>At most <see cref="Max"/> works among any <see cref="In"/> in a row: with the same value of <see cref="Field"/>, or matching <see cref="Filter"/>.</summary>
public sealed record WindowRule
{
    /// <summary><c>creatorId</c>, <c>songId</c> or <c>kind</c>; null when the rule has a filter.</summary>
    public string? Field { get; init; }

    /// <summary>Which works count; null when the rule has a field.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>Most works in a window, 0..32.</summary>
    public required int Max { get; init; }

    /// <summary>Length of the window, 2..32.</summary>
    public required int In { get; init; }
}

/// <summary>At least <see cref="Min"/> works among each <see cref="In"/> positions of a page (0..In-1, In..2 In-1, ...), when there are candidates: matching <see cref="Filter"/>, or found by <see cref="Channel"/>.</summary>
public sealed record ShareRule
{
    /// <summary>Which works count; null when the rule has a channel.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>Recall channel whose works count; null when the rule has a filter.</summary>
    public Catalogue.RecallChannel? Channel { get; init; }

    /// <summary>Least works, 1..32.</summary>
    public required int Min { get; init; }

    /// <summary>Positions, 2..100.</summary>
    public required int In { get; init; }
}

/// <summary>A work at a fixed position.</summary>
/// <param name="ItemId">The work.</param>
/// <param name="Position">Position on the first page, from 0.</param>
public sealed record Pin(string ItemId, int Position);

/// <summary>Exploration: Plackett-Luce noise on the fused scores of a share of requests, with the probability of what was shown.</summary>
public sealed record ExplorationSettings
{
    /// <summary>Share of requests that explore, 0..1.</summary>
    public double Share { get; init; }

    /// <summary>Temperature on the logarithm of the fused score: 0.1 hardly changes an order, 1 draws in proportion to the scores.</summary>
    public double Temperature { get; init; } = 0.3;
}

/// <summary>What counts as seen in a scene.</summary>
public sealed record SeenSettings
{
    /// <summary>Types of event that mark a work as seen; those of <see cref="Events.EventTypes"/> by default.</summary>
    public IReadOnlyList<Events.EventType> Types { get; init; } = [.. Events.EventTypes.All.Where(t => t.Seen).Select(t => t.Type)];

    /// <summary>How long, in days.</summary>
    public double Days { get; init; } = 30;

    /// <summary>Newest works that count.</summary>
    public int Max { get; init; } = Users.SeenSet.Capacity;
}
