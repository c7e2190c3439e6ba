using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>
/// Counts events in a shard: each exactly once, by its position in the event log. The writer of the shard counts; anyone may ask how far it is.
/// </summary>
internal sealed class ShardCounters(ShardNeighbours neighbours)
{
    private readonly Dictionary<ulong, long[]> _created = [];
    private long[] _createdLast = [];
    private volatile long[] _countedTo = [];

    /// <summary>Position up to which each partition of the event log is counted; a partition behind the end of the array has 0.</summary>
    public long[] CountedTo => _countedTo;

    /// <summary>Batches counted since the shard was loaded.</summary>
    public long Epoch { get; private set; }

    /// <summary>Starts from what was counted before: by a snapshot.</summary>
    public void Start(long[] countedTo) => _countedTo = countedTo;

    /// <summary>
    /// Notes up to where events had been counted when an item was created. Those below belong to an earlier life of its id, or came before it, and do not
    /// count when they are counted again after a restart.
    /// </summary>
    public void Created(ulong key, long[] countedTo)
    {
        _created[key] = countedTo;
        if (_createdLast.Length < countedTo.Length)
            Array.Resize(ref _createdLast, countedTo.Length);
        for (var i = 0; i < countedTo.Length; i++)
            _createdLast[i] = Math.Max(_createdLast[i], countedTo[i]);
    }

    /// <summary>Counts what follows on what is counted; anything else is left out. Returns whether counters have changed.</summary>
    public bool Count(CounterDeltas deltas, Partition partition)
    {
        if (deltas.Partition < 0 || deltas.From != At(_countedTo, deltas.Partition) || deltas.To <= deltas.From)
            return false;
        foreach (var delta in CounterDelta.Read(deltas.Data))
        {
            if (_created.Count > 0 && _created.TryGetValue(delta.Key, out var created) && delta.Position < At(created, deltas.Partition))
                continue;
            if (delta.Change != CounterChange.None)
                partition.Count(delta.Key, delta.Type, delta.Value, delta.At, delta.Change == CounterChange.TakeBack);
            if (delta.Fans > 0)
                partition.CountFan(PartialKey.Of(delta.Key), delta.Fans);
        }
        neighbours.Add(MemoryMarshal.Cast<byte, PairDelta>(deltas.Pairs));
        Advance(deltas.Partition, deltas.To);
        if (deltas.Data.Length + deltas.Pairs.Length == 0)
            return false;
        Epoch++;
        return true;
    }

    /// <summary>The position of a partition in an array that may be too short for it.</summary>
    public static long At(long[] positions, int partition) => partition < positions.Length ? positions[partition] : 0;

    // A new array each time: readers have the old one.
    private void Advance(int partition, long to)
    {
        var next = new long[Math.Max(_countedTo.Length, partition + 1)];
        _countedTo.CopyTo(next, 0);
        next[partition] = to;
        _countedTo = next;
        if (_created.Count == 0 || !Enumerable.Range(0, _createdLast.Length).All(p => At(next, p) >= _createdLast[p]))
            return;
        _created.Clear();
        _created.TrimExcess();
    }
}
