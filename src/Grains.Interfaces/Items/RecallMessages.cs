using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Interfaces;

/// <summary>What a reply of a shard was made from.</summary>
/// <param name="Warming">Whether the shard is still loading; the reply is then empty.</param>
/// <param name="ViewEpoch">Epoch of the view.</param>
/// <param name="LogPosition">End of the log that the view contains.</param>
/// <param name="CounterEpoch">Batches of counted events that the view contains.</param>
/// <param name="SpaceId">Embedding space of the item vectors; null when there are none.</param>
[GenerateSerializer, Immutable, Alias("kg.ReplyHeader")]
public sealed record ReplyHeader(
    [property: Id(0)] bool Warming, [property: Id(1)] long ViewEpoch, [property: Id(2)] long LogPosition, [property: Id(3)] long CounterEpoch,
    [property: Id(4)] string? SpaceId);

/// <summary>Round 1, the same for every shard but for the slice of keys.</summary>
[GenerateSerializer, Immutable, Alias("kg.RecallQuery")]
public sealed record RecallQuery
{
    /// <summary>Time of the request, unix milliseconds.</summary>
    [Id(0)] public long Now { get; init; }

    /// <summary>Time that scores are computed as of: <see cref="Now"/> or up to a minute earlier, so that requests of one minute agree.</summary>
    [Id(1)] public long ScoreTime { get; init; }

    /// <summary>World that items must belong to; null means the cluster's own.</summary>
    [Id(2)] public string? WorldId { get; init; }

    /// <summary>What the scene says, a <see cref="RecallScene"/> as UTF-8 JSON; empty for the default. Shards compile it once per version.</summary>
    [Id(3)] public byte[] Scene { get; init; } = [];

    /// <summary>What orders the candidates.</summary>
    [Id(4)] public PreRanker Ranker { get; init; }

    /// <summary>Space of the vectors.</summary>
    [Id(5)] public string? SpaceId { get; init; }

    /// <summary>Fused user vector for pre-ranking, and for recall without a recall head, float32; empty without a model.</summary>
    [Id(6)] public byte[] UserVector { get; init; } = [];

    /// <summary>User vector of the recall head, float32; empty without one. Scores the model channel alone.</summary>
    [Id(7)] public byte[] RecallVector { get; init; } = [];

    /// <summary>Interests by <see cref="RecallChannel"/>, for the channels that add them up: <see cref="RecallInterest"/> records of 16 bytes.</summary>
    [Id(8)] public byte[][] Interests { get; init; } = [];

    /// <summary>Key of the region of the region channel; 0 for none.</summary>
    [Id(9)] public ulong Region { get; init; }

    /// <summary>Keys of this shard's items that must not come back: seen, excluded, served.</summary>
    [Id(10)] public byte[] ExcludedItems { get; init; } = [];

    /// <summary>Keys of creators that must not come back.</summary>
    [Id(11)] public byte[] ExcludedCreators { get; init; } = [];

    /// <summary>The request's own filter as UTF-8 JSON; empty for none.</summary>
    [Id(12)] public byte[] Filter { get; init; } = [];

    /// <summary>Quota of each channel over the whole catalogue, by <see cref="RecallChannel"/>.</summary>
    [Id(13)] public int[] Quotas { get; init; } = [];

    /// <summary>Milliseconds that each channel may take in a shard.</summary>
    [Id(14)] public int[] TimeoutsMs { get; init; } = [];

    /// <summary>Shards that share the catalogue, when the shard leaves out what cannot win; 0 for whole quotas.</summary>
    [Id(15)] public int PruneFor { get; init; }

    /// <summary>Winners over all shards.</summary>
    [Id(16)] public int Merge { get; init; }

    /// <summary>Per channel its best that win whatever their pre-rank score.</summary>
    [Id(17)] public int[] MinKeep { get; init; } = [];

    /// <summary>Key of the scene: whose share of the scoring pool pays.</summary>
    [Id(18)] public ulong SceneKey { get; init; }

    /// <summary>Keys of tags whose items must not come back.</summary>
    [Id(19)] public byte[] ExcludedTags { get; init; } = [];

    /// <summary>Keys of songs whose items must not come back.</summary>
    [Id(20)] public byte[] ExcludedSongs { get; init; } = [];
}

/// <summary>Round 1's answer.</summary>
/// <param name="Header">What it was made from.</param>
/// <param name="Candidates">Distinct candidates: <see cref="RecallCandidate"/> records.</param>
/// <param name="Channels">Per channel its best: <see cref="ChannelEntry"/> records.</param>
/// <param name="Counts">What the eligibility test saw and dropped: <see cref="EligibilityCounts"/> as bytes.</param>
[GenerateSerializer, Immutable, Alias("kg.RecallReply")]
public sealed record RecallReply(
    [property: Id(0)] ReplyHeader Header, [property: Id(1)] byte[] Candidates, [property: Id(2)] byte[][] Channels, [property: Id(3)] byte[] Counts)
{
    /// <summary>Keys of items in the lists that are no candidates, 8 bytes each.</summary>
    [Id(4)] public byte[] Keys { get; init; } = [];

    /// <summary><see cref="ChannelZone"/> records, one a channel.</summary>
    [Id(5)] public byte[] Zones { get; init; } = [];

    /// <summary>A <see cref="RecallSummary"/>.</summary>
    [Id(6)] public byte[] Summary { get; init; } = [];
}

/// <summary>Asks what exposure new items are owed.</summary>
/// <param name="Now">Time of the request, unix milliseconds.</param>
/// <param name="Scene">What the scene says, as in <see cref="RecallQuery.Scene"/>. A scene without cold start owes nothing.</param>
/// <param name="ItemId">Item that the question is about; null sums over all items of the shard.</param>
[GenerateSerializer, Immutable, Alias("kg.ExposureQuery")]
public sealed record ExposureQuery([property: Id(0)] long Now, [property: Id(1)] byte[] Scene, [property: Id(2)] string? ItemId);

/// <summary>Exposure of new items; see <see cref="ExposureSum"/>. Of a single item, 0 items mean that it is owed nothing.</summary>
/// <param name="Warming">Whether the shard is still loading, so that the numbers mean nothing.</param>
/// <param name="IsKnown">Whether there is such an item.</param>
/// <param name="Items">Items that are or were owed exposure.</param>
/// <param name="OpenItems">Those that have not had all of it.</param>
/// <param name="Owed">Impressions owed to all of them.</param>
/// <param name="Delivered">Impressions that they had, up to what each was owed.</param>
/// <param name="Impressions">Impressions of the single item so far.</param>
[GenerateSerializer, Immutable, Alias("kg.ExposureReply")]
public sealed record ExposureReply(
    [property: Id(0)] bool Warming,
    [property: Id(1)] bool IsKnown,
    [property: Id(2)] long Items,
    [property: Id(3)] long OpenItems,
    [property: Id(4)] long Owed,
    [property: Id(5)] long Delivered,
    [property: Id(6)] long Impressions);

/// <summary>Round 2.</summary>
/// <param name="ViewEpoch">View that the rows belong to; -1 when there are only keys.</param>
/// <param name="Rows">Row numbers in that view, int32 each.</param>
/// <param name="Keys">Keys of the same items: what counts when the shard no longer has that view.</param>
/// <param name="ScoreTime">Time that popularity is computed as of, unix milliseconds.</param>
[GenerateSerializer, Immutable, Alias("kg.HydrateQuery")]
public sealed record HydrateQuery(
    [property: Id(0)] long ViewEpoch, [property: Id(1)] byte[] Rows, [property: Id(2)] byte[] Keys, [property: Id(3)] long ScoreTime)
{
    /// <summary>Key of the scene: whose share of the scoring pool pays.</summary>
    [Id(4)] public ulong SceneKey { get; init; }

    /// <summary>Whether communities and features are wanted too.</summary>
    [Id(5)] public bool WithAttributes { get; init; }
}

/// <summary>
/// Round 2's answer: an <see cref="Ranking.Items.ItemBlock"/> without item vectors, which no later stage reads. Items that are gone are not in it.
/// </summary>
/// <param name="Header">What it was made from.</param>
/// <param name="Count">Items.</param>
/// <param name="ContentDimension">Components of a content vector.</param>
/// <param name="Rows">Scalar columns.</param>
/// <param name="Content">Content vectors.</param>
/// <param name="Ids">Ids.</param>
[GenerateSerializer, Immutable, Alias("kg.HydrateReply")]
public sealed record HydrateReply(
    [property: Id(0)] ReplyHeader Header, [property: Id(1)] int Count, [property: Id(2)] int ContentDimension, [property: Id(3)] byte[] Rows,
    [property: Id(4)] byte[] Content, [property: Id(5)] string[] Ids)
{
    /// <summary>Communities and features, <see cref="Ranking.Items.ItemAttributes.Pack"/>; empty when they were not wanted.</summary>
    [Id(6)] public byte[] Attributes { get; init; } = [];
}
