using KgOrleans.Grains.Shards;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Snapshots;

/// <summary>
/// Says when a shard of this silo writes a base snapshot: one shard at a time, and each when its logs have grown by twice what it writes, when they have come to
/// rest, or once a day.
/// </summary>
public sealed class SnapshotSchedule(IOptions<ShardOptions> options) : IDisposable
{
    // What is written is at most half of what the logs have grown by.
    private const int Growth = 2;

    // However little has changed: what is given up of the logs waits for snapshots.
    private static readonly TimeSpan MostAge = TimeSpan.FromDays(1);

    // After an import nothing more comes for a long time, and a start should not read it all again. What goes on without such a pause writes nothing for it.
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
    /// <param name="newest">The newest snapshot; null for none.</param>
    /// <param name="now">The time.</param>
    internal bool IsDue(long grown, TimeSpan rested, ShardSnapshot? newest, DateTimeOffset now) =>
        newest is not null && grown > 0 && now - newest.Header.WrittenAt >= MostAge
        || grown >= options.Value.SnapshotAfterBytes && (rested >= Rest || grown >= Growth * (newest?.Length ?? 0));

    /// <inheritdoc />
    public void Dispose() => Turn.Dispose();
}
