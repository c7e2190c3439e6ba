using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Shards;

/// <summary>How the funnel, the users and the scene registry reach shards.</summary>
public interface IShardClient
{
    /// <summary>Number of shards.</summary>
    int ShardCount { get; }

    /// <summary>Round 1 in one shard.</summary>
    Task<RecallReply> Recall(int shard, RecallQuery query, CancellationToken cancellationToken);

    /// <summary>Round 2 in one shard.</summary>
    Task<HydrateReply> Hydrate(int shard, HydrateQuery query, CancellationToken cancellationToken);

    /// <summary>Facts of items of one shard.</summary>
    Task<ItemFactsReply> GetFacts(int shard, string[] itemIds, CancellationToken cancellationToken);

    /// <summary>Neighbours of items of one shard.</summary>
    Task<byte[]?> GetNeighbours(int shard, byte[] items, CancellationToken cancellationToken);

    /// <summary>Sums of neighbours that lie in one shard (<see cref="IItemShardGrain.SumNeighbours"/>).</summary>
    Task<byte[]?> SumNeighbours(int shard, byte[] entries, byte[] sources, CancellationToken cancellationToken);

    /// <summary>How many items of one shard have each of some tags, songs and creators (<see cref="IItemShardGrain.CountItems"/>).</summary>
    Task<byte[]> CountItems(int shard, byte[] interests);

    /// <summary>Position up to which one shard has counted a partition of the event log.</summary>
    Task<long> CountedTo(int shard, int partition, CancellationToken cancellationToken);

    /// <summary>Counted events of one shard (<see cref="IItemShardGrain.ApplyCounters"/>).</summary>
    Task<long> ApplyCounters(int shard, CounterDeltas deltas, CancellationToken cancellationToken);
}
