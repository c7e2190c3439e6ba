using Orleans.Concurrency;

namespace KgOrleans.Grains.Interfaces;

/// <summary>One shard of the catalogue, by shard number. It owns the writes of its buckets; its data lives in the silo's partition host.</summary>
/// <remarks>
/// All calls interleave. Writes go into one ordered queue outside of grain turns and share flushes. Scans and copies of rows run on the scoring pool.
/// </remarks>
[Alias("kg.IItemShardGrain")]
public interface IItemShardGrain : IGrainWithIntegerKey
{
    /// <summary>Writes items, in order. Answered when the log has them and readers see them.</summary>
    [AlwaysInterleave]
    [Alias("Write")]
    Task<ItemWritesReply> Write(ItemWrites writes, CancellationToken cancellationToken);

    /// <summary>The document of an item as last written; null when there is none.</summary>
    [AlwaysInterleave]
    [Alias("GetItem")]
    Task<ItemReply?> GetItem(string itemId, CancellationToken cancellationToken);

    /// <summary>A part of the shard's items for an export, in the order of their keys.</summary>
    /// <param name="after">Key that all are above; null for the first part.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    [AlwaysInterleave]
    [Alias("Export")]
    Task<ExportReply> Export(ulong? after, CancellationToken cancellationToken);

    /// <summary>Facts of items that events name, in the order asked; null for an unknown item.</summary>
    [AlwaysInterleave]
    [Alias("GetFacts")]
    Task<ItemFactsReply> GetFacts(string[] itemIds, CancellationToken cancellationToken);

    /// <summary>Round 1: recalls and pre-ranks candidates of this shard.</summary>
    [AlwaysInterleave]
    [Alias("Recall")]
    Task<RecallReply> Recall(RecallQuery query, CancellationToken cancellationToken);

    /// <summary>Round 2: columns and vectors of the merged winners, from the view that round 1 saw.</summary>
    [AlwaysInterleave]
    [Alias("Hydrate")]
    Task<HydrateReply> Hydrate(HydrateQuery query, CancellationToken cancellationToken);

    /// <summary>Position up to which this shard has counted a partition of the event log. Waits for a shard that loads.</summary>
    [AlwaysInterleave]
    [Alias("CountedTo")]
    Task<long> CountedTo(int partition, CancellationToken cancellationToken);

    /// <summary>
    /// Adds counted events if the shard has counted up to where they begin. Returns up to where it has counted then: another position than the end of these
    /// tells that they were not taken.
    /// </summary>
    [AlwaysInterleave]
    [Alias("ApplyCounters")]
    Task<long> ApplyCounters(CounterDeltas deltas, CancellationToken cancellationToken);

    /// <summary>Neighbours of items of this shard: <see cref="Ranking.Recall.SimilarEntry"/> records; null while the shard loads.</summary>
    /// <param name="items">Partial keys of the items, 8 bytes each.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    [AlwaysInterleave]
    [Alias("GetNeighbours")]
    Task<byte[]?> GetNeighbours(byte[] items, CancellationToken cancellationToken);

    /// <summary>
    /// Sums neighbours of a user's items that lie in this shard, with what the shard itself knows of them: <see cref="Ranking.Recall.SimilarItem"/> records; null
    /// while the shard loads.
    /// </summary>
    /// <param name="entries"><see cref="Ranking.Recall.SimilarEntry"/> records.</param>
    /// <param name="sources">The user's items: <see cref="Ranking.Recall.SimilarSource"/> records.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    [AlwaysInterleave]
    [Alias("SumNeighbours")]
    Task<byte[]?> SumNeighbours(byte[] entries, byte[] sources, CancellationToken cancellationToken);

    /// <summary>
    /// How many items of this shard have each of some tags, songs and creators.
    /// </summary>
    /// <param name="interests"><see cref="Ranking.Recall.RecallInterest"/> records of 16 bytes.</param>
    /// <returns>Numbers of 8 bytes: all items of the shard, then those of each interest. Empty while the shard is loading.</returns>
    [AlwaysInterleave]
    [Alias("CountItems")]
    Task<byte[]> CountItems(byte[] interests);

    /// <summary>Exposure that new items of this shard should get and have had.</summary>
    [AlwaysInterleave]
    [Alias("GetExposure")]
    Task<ExposureReply> GetExposure(ExposureQuery query);

    /// <summary>Size and versions of the shard, for <c>/v1/cluster</c> and the Dashboard.</summary>
    [AlwaysInterleave]
    [Alias("GetState")]
    Task<ItemShardView> GetState();
}
