using KgOrleans.Grains.Shards;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Snapshots;

/// <summary>
/// Says when a shard of this silo writes a base snapshot: one shard at a time, and each when its logs have grown by twice the size of the one before, by its size
/// and then not for a minute, or once a day.
/// </summary>
public sealed class SnapshotSchedule(IOptions<ShardOptions> options) : IDisposable
{
    private const int Growth = 2;

    // However little has changed: what is given up of the logs waits for snapshots.
    private static readonly TimeSpan MostAge = TimeSpan.FromDays(1);

    // After an import nothing more comes for a long time, and a start should not read it all again.
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    /// <summary>Held while a snapshot is written.</summary>
    internal SemaphoreSlim Turn { get; } = new(1);

    /// <summary>By how many bytes a shard's logs have grown behind its newest snapshot.</summary>
    /// <param name="log">The shard's log.</param>
    /// <param name="countedTo">Position up to which each partition of the event log is counted: the shard's share of that growth counts too.</param>
    /// <param name="newest">The newest snapshot; null for none.</param>
    internal long GrowthOf(IRecordLog log, long[] countedTo, ShardSnapshot? newest)
    {
        var events = countedTo.Select((to, partition) => to - ShardCounters.At(newest?.Header.CountedTo ?? [], partition)).Sum();
        return log.EndPosition - (newest?.Header.Position ?? log.FirstPosition) + (events / options.Value.Count);
    }

    /// <summary>Whether a shard writes a snapshot now.</summary>
    /// <param name="grown">By how many bytes its logs have grown.</param>
    /// <param name="rested">Since when they have not.</param>
    /// <param name="newest">Size of the newest snapshot, and when it was written; null for none.</param>
    /// <param name="now">The time.</param>
    internal bool IsDue(long grown, TimeSpan rested, (long Bytes, DateTimeOffset WrittenAt)? newest, DateTimeOffset now)
    {
        if (grown < options.Value.SnapshotAfterBytes)
            return newest is { } small && grown > 0 && now - small.WrittenAt >= MostAge;
        return newest is not { } before || grown >= Growth * before.Bytes || (grown >= before.Bytes && rested >= Rest) || now - before.WrittenAt >= MostAge;
    }

    /// <inheritdoc />
    public void Dispose() => Turn.Dispose();
}
