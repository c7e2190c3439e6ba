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
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, Lazy<ShardPartition>> _partitions = new();
    private ITimer? _timer;

    /// <summary>The partition of a shard; starts to load it when it is not here.</summary>
    public ShardPartition Get(int shard) => _partitions.GetOrAdd(shard, s => new Lazy<ShardPartition>(() => New(s))).Value;

    /// <summary>Starts to look whether shards that have come to rest write base snapshots: those that are busy look themselves.</summary>
    public void Start() => _timer = time.CreateTimer(_ => WriteSnapshotsIfDue(), null, Interval, Interval);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
        foreach (var partition in _partitions.Values)
            await partition.Value.DisposeAsync();
    }

    private void WriteSnapshotsIfDue()
    {
        foreach (var partition in _partitions.Values)
            partition.Value.WriteSnapshotIfDue();
    }

    private ShardPartition New(int shard)
    {
        var snapshots = new ShardSnapshots(shard, objects, new SnapshotWriter(world, models), schedule, time, logger);
        return new ShardPartition(shard, store, snapshots, world, models, time, logger);
    }
}
