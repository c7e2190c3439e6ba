using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Grains.Shards;

/// <summary>Up to where events had been counted when each item that lives was created, as a shard's log tells.</summary>
internal sealed class ItemLives
{
    private readonly Dictionary<ulong, long[]> _created = [];
    private long[] _last = [];

    /// <summary>Notes a record of the log, in order.</summary>
    /// <param name="key">Key of the item.</param>
    /// <param name="operation">What happened.</param>
    /// <param name="countedTo"><see cref="ItemLogRecord.CountedTo"/>.</param>
    public void Saw(ulong key, ItemLogOperation operation, long[] countedTo)
    {
        if (operation == ItemLogOperation.Delete)
        {
            _created.Remove(key);
        }
        else if (countedTo.Length > 0)
        {
            // Items that are written together share one array.
            _last = countedTo.AsSpan().SequenceEqual(_last) ? _last : countedTo;
            _created[key] = _last;
        }
    }

    /// <summary>Tells the counters of those that live.</summary>
    public void WriteTo(ShardCounters counters)
    {
        foreach (var (key, countedTo) in _created)
            counters.Created(key, countedTo);
    }
}
