namespace KgOrleans.Grains.Recommend;

/// <summary>Every reason that an answer's <c>degraded</c> can name. docs/serving.md lists them, and a test compares both.</summary>
internal static class Degradations
{
    private const string Recall = "recall";
    private const string Pins = "pins";
    private const string Hydrate = "hydrate";
    private const string PreRank = "preRank";
    private const string FineRank = "fineRank";
    private const string ReRank = "reRank";

    private static readonly List<DegradationReason> Known = [];

    /// <summary>No bundle is configured.</summary>
    public static readonly IReadOnlyList<DegradationReason> NoModel = OfModelStages("noModel");

    /// <summary>The user belongs to another catalogue than the bundle.</summary>
    public static readonly IReadOnlyList<DegradationReason> WorldMismatch = OfModelStages("worldMismatch");

    /// <summary>The user tower gave no finite vector.</summary>
    public static readonly IReadOnlyList<DegradationReason> UserTowerFailed = OfModelStages("userTowerFailed");

    /// <summary>The recall head alone gave no finite vector.</summary>
    public static readonly DegradationReason RecallHeadFailed = UserTowerFailed[0];

    /// <summary>Friends of the user did not answer in time.</summary>
    public static readonly DegradationReason FriendsTimeout = Of(Recall, "friendsTimeout", missesItems: true);

    /// <summary>Shards did not tell in time which items go with what the user likes.</summary>
    public static readonly DegradationReason SimilarTimeout = Of(Recall, "similarTimeout", missesItems: true);

    /// <summary>Shards hold item vectors of another embedding space.</summary>
    public static readonly DegradationReason OtherSpace = Of(Recall, "otherSpace", missesItems: true);

    /// <summary>A channel is missing from shards that took too long for it.</summary>
    public static readonly DegradationReason ChannelTimeout = Of(Recall, "channelTimeout", missesItems: true);

    /// <summary>Shards are missing from round 1.</summary>
    public static readonly ShardDegradations RecallShards = OfShards(Recall, missesItems: true);

    /// <summary>Shards did not say whether their pins may be shown.</summary>
    public static readonly ShardDegradations PinShards = OfShards(Pins, missesItems: false);

    /// <summary>Candidates of shards were dropped in round 2.</summary>
    public static readonly ShardDegradations HydrateShards = OfShards(Hydrate, missesItems: true);

    /// <summary>Fewer candidates were ranked, to hold the scene's target.</summary>
    public static readonly DegradationReason AdaptiveWidth = Of(FineRank, "adaptiveWidth");

    /// <summary>The ranker threw.</summary>
    public static readonly DegradationReason RankerFailed = Of(FineRank, "rankerFailed");

    /// <summary>The ranker took longer than its time.</summary>
    public static readonly DegradationReason RankerTimeout = Of(FineRank, "timeout");

    /// <summary>The scoring pool had no room for the ranker.</summary>
    public static readonly DegradationReason RankerOverloaded = Of(FineRank, "overloaded");

    /// <summary>The ranker gave scores that are not finite.</summary>
    public static readonly DegradationReason NotFinite = Of(FineRank, "notFinite");

    /// <summary>The scene's fusion names no objective of the bundle.</summary>
    public static readonly DegradationReason NoObjective = Of(FineRank, "noObjective");

    /// <summary>The list-wise re-ranker failed.</summary>
    public static readonly DegradationReason ReRankerFailed = Of(ReRank, "reRankerFailed");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DegradationReason> All => Known;

    private static DegradationReason Of(string stage, string reason, bool missesItems = false)
    {
        var known = new DegradationReason(stage, reason, missesItems);
        Known.Add(known);
        return known;
    }

    // Without the model the other channels still look at every item.
    private static DegradationReason[] OfModelStages(string reason) => [Of(Recall, reason), Of(PreRank, reason), Of(FineRank, reason)];

    private static ShardDegradations OfShards(string stage, bool missesItems) => new(
        Of(stage, "shardTimeout", missesItems),
        Of(stage, "shardFailed", missesItems),
        Of(stage, "shardWarming", missesItems),
        Of(stage, "overloaded", missesItems));
}
