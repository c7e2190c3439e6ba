namespace KgOrleans.Grains.Shards;

/// <summary>Versions of a shard's items: each write has one that is above all before it, whatever becomes of the write.</summary>
internal sealed class ItemVersions
{
    private long _newest;

    /// <summary>Notes a version that is taken.</summary>
    public void Saw(long version) => _newest = Math.Max(_newest, version);

    /// <summary>The version of the next write.</summary>
    public long Next() => ++_newest;
}
