using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;

namespace KgOrleans.Grains.Events;

/// <summary>What one partition of the event log has for one shard: one reader of the log adds to it, one sender takes from it.</summary>
/// <param name="partition">Partition of the event log.</param>
/// <param name="countedTo">Position up to which the shard has counted the partition.</param>
internal sealed class CounterLane(int partition, long countedTo)
{
    // 32 bytes a delta, 16 a pair: a message of at most about two megabytes.
    private const int MostDeltas = 20_000;
    private const int MostPairs = 60_000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _taken = new(0, 1);
    private readonly long _begin = countedTo;
    private readonly List<CounterDelta> _deltas = [];
    private readonly List<PairDelta> _pairs = [];
    private long _from = countedTo;
    private long _lastNext;

    /// <summary>Whether the shard has not yet counted an event.</summary>
    public bool Lacks(long position) => position >= _begin;

    /// <summary>Waits until there is room for an event.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (IsFull())
            await _taken.WaitAsync(cancellationToken);
    }

    /// <summary>Adds all that an event changes in the shard.</summary>
    /// <param name="deltas">Counters.</param>
    /// <param name="pairs">Pairs.</param>
    /// <param name="next">Position behind the event.</param>
    public void Add(ReadOnlySpan<CounterDelta> deltas, ReadOnlySpan<PairDelta> pairs, long next)
    {
        lock (_gate)
        {
            _deltas.AddRange(deltas);
            _pairs.AddRange(pairs);
            _lastNext = next;
        }
    }

    /// <summary>Takes what waits; null when the shard has everything.</summary>
    /// <param name="readTo">Position below which every event has been added.</param>
    public CounterDeltas? Take(long readTo)
    {
        lock (_gate)
        {
            var to = Math.Max(readTo, _lastNext);
            if (to <= _from)
                return null;
            var message = new CounterDeltas(partition, _from, to, CounterDelta.Write(CollectionsMarshal.AsSpan(_deltas)))
            {
                Pairs = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_pairs)).ToArray(),
            };
            _from = to;
            _deltas.Clear();
            _pairs.Clear();
            if (_taken.CurrentCount == 0)
                _taken.Release();
            return message;
        }
    }

    /// <summary>Whether nothing more fits before something is taken.</summary>
    public bool IsFull()
    {
        lock (_gate)
            return _deltas.Count >= MostDeltas || _pairs.Count >= MostPairs;
    }
}
