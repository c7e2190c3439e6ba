using KgOrleans.Grains.Shards;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Snapshots;

/// <summary>Says when a shard of this silo writes a base snapshot: one shard at a time, and each only when its logs have grown by twice what it writes.</summary>
public sealed class SnapshotSchedule(IOptions<ShardOptions> options) : IDisposable
{
    // What is written is at most half of what the logs have grown by.
    private const int Growth = 2;

    /// <summary>Held while a snapshot is written.</summary>
    internal SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Whether a shard's logs have grown enough behind its newest snapshot.</summary>
    /// <param name="log">The shard's log.</param>
    /// <param name="countedTo">Position up to which each partition of the event log is counted: the shard's share of that growth counts too.</param>
    /// <param name="newest">The newest snapshot; null for none.</param>
    internal bool IsDue(IRecordLog log, long[] countedTo, ShardSnapshot? newest)
    {
        var events = countedTo.Select((to, partition) => to - ShardCounters.At(newest?.Header.CountedTo ?? [], partition)).Sum();
        var grown = log.EndPosition - (newest?.Header.Position ?? log.FirstPosition) + (events / options.Value.Count);
        return grown >= Math.Max(options.Value.SnapshotAfterBytes, Growth * (newest?.Length ?? 0));
    }

    /// <inheritdoc />
    public void Dispose() => Turn.Dispose();
}
