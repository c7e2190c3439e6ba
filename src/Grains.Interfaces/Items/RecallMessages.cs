namespace KgOrleans.Grains.Interfaces;

/// <summary>What a reply of a shard was made from.</summary>
/// <param name="Warming">Whether the shard is still loading; the reply is then empty.</param>
/// <param name="ViewEpoch">Epoch of the view.</param>
/// <param name="LogPosition">End of the log that the view contains.</param>
/// <param name="CounterEpoch">Counter batch that the view contains.</param>
/// <param name="SpaceId">Embedding space of the item vectors; null when there are none.</param>
[GenerateSerializer, Immutable, Alias("kg.ReplyHeader")]
public sealed record ReplyHeader(
    [property: Id(0)] bool Warming, [property: Id(1)] long ViewEpoch, [property: Id(2)] long LogPosition, [property: Id(3)] long CounterEpoch, [property: Id(4)] string? SpaceId);

/// <summary>Round 1, the same for every shard but for the slice of keys.</summary>
[GenerateSerializer, Immutable, Alias("kg.RecallQuery")]
public sealed record RecallQuery
{
    /// <summary>Time of the request, unix milliseconds.</summary>
    [Id(0)] public long Now { get; init; }

    /// <summary>Time that scores are computed as of: <see cref="Now"/> or up to a minute earlier, so that requests of one minute agree.</summary>
    [Id(12)] public long ScoreTime { get; init; }

    /// <summary>Oldest publishing time that is eligible, unix milliseconds.</summary>
    [Id(1)] public long OldestPublishedAt { get; init; }

    /// <summary>World that items must belong to; null means the cluster's own.</summary>
    [Id(2)] public string? WorldId { get; init; }

    /// <summary>Fused user vector for recall and pre-ranking, float32; empty without a model.</summary>
    [Id(3)] public byte[] UserVector { get; init; } = [];

    /// <summary>Space of the vector.</summary>
    [Id(4)] public string? SpaceId { get; init; }

    /// <summary>Interests, strongest first: <see cref="Ranking.Catalogue.RecallInterest"/> records of 16 bytes.</summary>
    [Id(5)] public byte[] Interests { get; init; } = [];

    /// <summary>Keys of this shard's items that must not come back: seen, excluded, served.</summary>
    [Id(6)] public byte[] ExcludedItems { get; init; } = [];

    /// <summary>Keys of creators that must not come back.</summary>
    [Id(7)] public byte[] ExcludedCreators { get; init; } = [];

    /// <summary>Filter as UTF-8 JSON; empty for none.</summary>
    [Id(8)] public byte[] Filter { get; init; } = [];

    /// <summary>Quota of the model channel.</summary>
    [Id(9)] public int ModelQuota { get; init; }

    /// <summary>Quota of the index channel.</summary>
    [Id(10)] public int IndexQuota { get; init; }

    /// <summary>Quota of the hot channel.</summary>
    [Id(11)] public int HotQuota { get; init; }
}

/// <summary>Round 1's answer.</summary>
/// <param name="Header">What it was made from.</param>
/// <param name="Candidates">Distinct candidates: <see cref="Ranking.Catalogue.RecallCandidate"/> records.</param>
/// <param name="Channels">Per channel its best, best first: <see cref="Ranking.Catalogue.ChannelEntry"/> records.</param>
/// <param name="Counts">What the eligibility test saw and dropped: <see cref="Ranking.Catalogue.EligibilityCounts"/> as bytes.</param>
[GenerateSerializer, Immutable, Alias("kg.RecallReply")]
public sealed record RecallReply(
    [property: Id(0)] ReplyHeader Header, [property: Id(1)] byte[] Candidates, [property: Id(2)] byte[][] Channels, [property: Id(3)] byte[] Counts);

/// <summary>Round 2.</summary>
/// <param name="ViewEpoch">View that the rows belong to; -1 when there are only keys.</param>
/// <param name="Rows">Row numbers in that view, int32 each.</param>
/// <param name="Keys">Keys of the same items: what counts when the shard no longer has that view.</param>
/// <param name="ScoreTime">Time that popularity is computed as of, unix milliseconds.</param>
[GenerateSerializer, Immutable, Alias("kg.HydrateQuery")]
public sealed record HydrateQuery([property: Id(0)] long ViewEpoch, [property: Id(1)] byte[] Rows, [property: Id(2)] byte[] Keys, [property: Id(3)] long ScoreTime);

/// <summary>Round 2's answer: an <see cref="Ranking.Items.ItemBlock"/> without item vectors, which no later stage reads. Items that are gone are not in it.</summary>
/// <param name="Header">What it was made from.</param>
/// <param name="Count">Items.</param>
/// <param name="ContentDimension">Components of a content vector.</param>
/// <param name="Rows">Scalar columns.</param>
/// <param name="Content">Content vectors.</param>
/// <param name="Ids">Ids.</param>
[GenerateSerializer, Immutable, Alias("kg.HydrateReply")]
public sealed record HydrateReply(
    [property: Id(0)] ReplyHeader Header, [property: Id(1)] int Count, [property: Id(2)] int ContentDimension, [property: Id(3)] byte[] Rows, [property: Id(4)] byte[] Content, [property: Id(5)] string[] Ids);
