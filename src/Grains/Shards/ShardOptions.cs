using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>How the catalogue is divided: section <c>Kg:Shards</c>.</summary>
public sealed class ShardOptions
{
    /// <summary>Default of <see cref="Count"/>: from some thousands to a million items on one to eight silos.</summary>
    public const int DefaultCount = 8;

    /// <summary>Number of item shards, 1..256. It cannot change once the store has items, since each shard has a log of its own.</summary>
    public int Count { get; set; } = DefaultCount;

    internal void Check(SettingChecks checks) => checks.Range("Kg:Shards:Count", Count, 1, Key64.BucketCount);
}
