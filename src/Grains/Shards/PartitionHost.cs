using System.Collections.Concurrent;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Snapshots;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Shards;

/// <summary>The shards' data on this silo. A grain that deactivates leaves its partition here, so that the rows that a scan reads are not freed.</summary>
public sealed class PartitionHost(
    ILogStore store, IObjectStore objects, CatalogueWorld world, ModelHost models, SnapshotSchedule schedule, TimeProvider time,
    ILogger<PartitionHost> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, Lazy<ShardPartition>> _partitions = new();

    /// <summary>The partition of a shard; starts to load it when it is not here.</summary>
    public ShardPartition Get(int shard) =>
        _partitions.GetOrAdd(shard, s => new Lazy<ShardPartition>(() => New(s))).Value;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var partition in _partitions.Values)
            await partition.Value.DisposeAsync();
    }

    private ShardPartition New(int shard)
    {
        var snapshots = new ShardSnapshots(shard, objects, new SnapshotWriter(world, models), schedule, time, logger);
        return new ShardPartition(shard, store, snapshots, world, models, time, logger);
    }
}
