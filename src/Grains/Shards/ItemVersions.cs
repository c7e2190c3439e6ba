namespace KgOrleans.Grains.Shards;

/// <summary>Versions of a shard's items: each write has one that is above all before it, whatever becomes of the write.</summary>
internal sealed class ItemVersions
{
    /// <summary>The newest version that was given.</summary>
    public long Newest { get; private set; }

    /// <summary>Notes a version that is taken.</summary>
    public void Saw(long version) => Newest = Math.Max(Newest, version);

    /// <summary>The version of the next write.</summary>
    public long Next() => ++Newest;
}
