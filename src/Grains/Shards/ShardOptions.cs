using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>How the catalogue is divided: section <c>Kg:Shards</c>.</summary>
public sealed class ShardOptions
{
    /// <summary>Default of <see cref="Count"/>: from some thousands to a million items on one to eight silos.</summary>
    public const int DefaultCount = 8;

    /// <summary>Number of item shards, 1..256. It cannot change once the store has items, since each shard has a log of its own.</summary>
    public int Count { get; set; } = DefaultCount;

    /// <summary>Default of <see cref="SnapshotAfterBytes"/>: a start reads about as much in a second.</summary>
    public const long DefaultSnapshotAfterBytes = 16 << 20;

    /// <summary>
    /// Bytes by which a shard's logs grow at least before it writes a base snapshot, 1 KiB..1 TiB. When it writes one beyond that depends on the size of the one
    /// before (docs/snapshots.md).
    /// </summary>
    public long SnapshotAfterBytes { get; set; } = DefaultSnapshotAfterBytes;

    internal void Check(SettingChecks checks)
    {
        checks.Range("Kg:Shards:Count", Count, 1, Key64.BucketCount);
        checks.Range("Kg:Shards:SnapshotAfterBytes", SnapshotAfterBytes, 1 << 10, 1L << 40);
    }
}
