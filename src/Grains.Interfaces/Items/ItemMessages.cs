using KgOrleans.Ranking.Items;

namespace KgOrleans.Grains.Interfaces;

/// <summary>One write of an item.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="ItemId">Id.</param>
/// <param name="Json">UTF-8 JSON of the document or merge patch; empty for a deletion.</param>
/// <param name="IfMatch">Version that must be current, or <see cref="WriteCondition.Absent"/>; null for any.</param>
[GenerateSerializer, Immutable, Alias("kg.ItemWrite")]
public sealed record ItemWrite(
    [property: Id(0)] WriteOperation Operation, [property: Id(1)] string ItemId, [property: Id(2)] byte[] Json, [property: Id(3)] long? IfMatch);

/// <summary>Writes of one shard, applied in order.</summary>
[GenerateSerializer, Immutable, Alias("kg.ItemWrites")]
public sealed record ItemWrites([property: Id(0)] ItemWrite[] Writes);

/// <summary>How the writes ended, in the order sent.</summary>
[GenerateSerializer, Immutable, Alias("kg.ItemWritesReply")]
public sealed record ItemWritesReply([property: Id(0)] WriteResult[] Results);

/// <summary>An item's document.</summary>
/// <param name="Json">UTF-8 JSON.</param>
/// <param name="Version">Version: the ETag.</param>
[GenerateSerializer, Immutable, Alias("kg.ItemReply")]
public sealed record ItemReply([property: Id(0)] byte[] Json, [property: Id(1)] long Version);

/// <summary>Facts of an item for a user's state; see <see cref="ItemFacts"/>.</summary>
[GenerateSerializer, Immutable, Alias("kg.WireItemFacts")]
public sealed record WireItemFacts(
    [property: Id(0)] string ItemId, [property: Id(1)] string CreatorId, [property: Id(2)] string? SongId, [property: Id(3)] byte Kind,
    [property: Id(4)] string[] Tags, [property: Id(5)] byte[] Content);

/// <summary>Facts in the order asked; null for an unknown item.</summary>
/// <param name="Facts">The facts.</param>
/// <param name="Warming">Whether the shard is still loading, so that nothing is known of any item.</param>
[GenerateSerializer, Immutable, Alias("kg.ItemFactsReply")]
public sealed record ItemFactsReply([property: Id(0)] WireItemFacts?[] Facts, [property: Id(1)] bool Warming);

/// <summary>
/// What the events of one partition of the log change in one shard, between two positions. The shard takes it when it has counted up to
/// <paramref name="From"/>.
/// </summary>
/// <param name="Partition">Partition of the event log.</param>
/// <param name="From">Position up to which the shard has counted the partition before.</param>
/// <param name="To">Position up to which it has then.</param>
/// <param name="Data">Changes of counters: 32 bytes each, the layout of the record in memory.</param>
[GenerateSerializer, Immutable, Alias("kg.CounterDeltas")]
public sealed record CounterDeltas(
    [property: Id(0)] int Partition, [property: Id(1)] long From, [property: Id(2)] long To, [property: Id(3)] byte[] Data)
{
    /// <summary>Pairs of items that a user likes. Per pair: partial key of the item and weight (8), partial key of the neighbour (8): 16 bytes.</summary>
    [Id(4)] public byte[] Pairs { get; init; } = [];
}

/// <summary>A shard as the Dashboard and <c>/v1/cluster</c> show it.</summary>
[GenerateSerializer, Alias("kg.ItemShardView")]
public sealed record ItemShardView
{
    /// <summary>Shard number.</summary>
    [Id(0)] public int Shard { get; init; }

    /// <summary>Buckets that it owns, as in <c>0-31</c>.</summary>
    [Id(1)] public string Buckets { get; init; } = "";

    /// <summary>Whether it is loaded.</summary>
    [Id(2)] public bool Ready { get; init; }

    /// <summary>Live items.</summary>
    [Id(3)] public int Items { get; init; }

    /// <summary>Rows, live and dead.</summary>
    [Id(4)] public int Rows { get; init; }

    /// <summary>Epoch of the newest view.</summary>
    [Id(5)] public long ViewEpoch { get; init; }

    /// <summary>End of the log that the view contains.</summary>
    [Id(6)] public long LogPosition { get; init; }

    /// <summary>Batches of counted events since it was loaded.</summary>
    [Id(7)] public long CounterEpoch { get; init; }

    /// <summary>Embedding space of its item vectors.</summary>
    [Id(8)] public string SpaceId { get; init; } = "";

    /// <summary>Bytes of its columns and indexes.</summary>
    [Id(9)] public long Bytes { get; init; }

    /// <summary>Requests answered by round 1 since activation.</summary>
    [Id(10)] public long Recalls { get; init; }

    /// <summary>Items written since activation.</summary>
    [Id(11)] public long Writes { get; init; }

    /// <summary>Silo that it lives on.</summary>
    [Id(12)] public string Silo { get; init; } = "";

    /// <summary>Why it cannot write, or was not loaded; null while nothing is wrong.</summary>
    [Id(13)] public string? Failure { get; init; }

    /// <summary>Bytes of the lists of neighbours; at most about 400 for an item.</summary>
    [Id(14)] public long NeighbourBytes { get; init; }

    /// <summary>Position in the log up to which the newest base snapshot has everything; 0 before the first.</summary>
    [Id(15)] public long SnapshotPosition { get; init; }

    /// <summary>Bytes of the newest base snapshot; the one before is kept too.</summary>
    [Id(16)] public long SnapshotBytes { get; init; }

    /// <summary>Bytes of the log that are kept.</summary>
    [Id(17)] public long LogBytes { get; init; }

    /// <summary>Why the last attempt to write a base snapshot failed; null when it did not.</summary>
    [Id(18)] public string? SnapshotFailure { get; init; }

    /// <summary>Position up to which both kept base snapshots have counted each partition of the event log; empty before there are two.</summary>
    [Id(19)] public long[] EventsCountedTo { get; init; } = [];
}
