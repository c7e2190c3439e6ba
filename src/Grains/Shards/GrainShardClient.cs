using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Shards;

/// <summary>Reaches each shard by a call of its grain.</summary>
public sealed class GrainShardClient(IGrainFactory grains, IOptions<ShardOptions> options) : IShardClient
{
    /// <inheritdoc />
    public int ShardCount { get; } = options.Value.Count;

    /// <inheritdoc />
    public Task<RecallReply> Recall(int shard, RecallQuery query, CancellationToken cancellationToken) => Shard(shard).Recall(query, cancellationToken);

    /// <inheritdoc />
    public Task<HydrateReply> Hydrate(int shard, HydrateQuery query, CancellationToken cancellationToken) => Shard(shard).Hydrate(query, cancellationToken);

    /// <inheritdoc />
    public Task<ItemFactsReply> GetFacts(int shard, string[] itemIds, CancellationToken cancellationToken) => Shard(shard).GetFacts(itemIds, cancellationToken);

    /// <inheritdoc />
    public Task<byte[]?> GetNeighbours(int shard, byte[] items, CancellationToken cancellationToken) => Shard(shard).GetNeighbours(items, cancellationToken);

    /// <inheritdoc />
    public Task<byte[]?> SumNeighbours(int shard, byte[] entries, byte[] sources, CancellationToken cancellationToken) =>
        Shard(shard).SumNeighbours(entries, sources, cancellationToken);

    /// <inheritdoc />
    public Task<long> CountedTo(int shard, int partition, CancellationToken cancellationToken) => Shard(shard).CountedTo(partition, cancellationToken);

    /// <inheritdoc />
    public Task<long> ApplyCounters(int shard, CounterDeltas deltas, CancellationToken cancellationToken) =>
        Shard(shard).ApplyCounters(deltas, cancellationToken);

    /// <inheritdoc />
    public Task<byte[]> CountItems(int shard, byte[] interests) => Shard(shard).CountItems(interests);

    private IItemShardGrain Shard(int shard) => grains.GetGrain<IItemShardGrain>(shard);
}
