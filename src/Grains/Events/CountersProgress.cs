namespace KgOrleans.Grains.Events;

/// <summary>Tells when every event that was in the log at the start is counted on its shard.</summary>
/// <param name="partitions">Number of partitions of the log.</param>
/// <param name="shards">Number of shards.</param>
internal sealed class CountersProgress(int partitions, int shards)
{
    private readonly long[] _read = new long[shards];
    private readonly long[] _counted = new long[shards];
    private readonly Lock _gate = new();
    private int _partitionsLeft = partitions;
    private long[]? _goal;

    /// <summary>Whether all of them are counted.</summary>
    public bool HasCaughtUp
    {
        get
        {
            lock (_gate)
                return _goal is not null && Enumerable.Range(0, shards).All(s => _counted[s] >= _goal[s]);
        }
    }

    /// <summary>Notes that changes for a shard were read.</summary>
    public void Read(int shard, int changes = 1)
    {
        lock (_gate)
            _read[shard] += changes;
    }

    /// <summary>Notes that a partition was read up to where it ended at the start.</summary>
    public void PartitionRead()
    {
        lock (_gate)
        {
            if (--_partitionsLeft == 0)
                _goal = (long[])_read.Clone();
        }
    }

    /// <summary>Notes that a shard has counted events.</summary>
    public void Counted(int shard, int events)
    {
        lock (_gate)
            _counted[shard] += events;
    }
}
