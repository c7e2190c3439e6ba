using System.Numerics;

namespace KgOrleans.Ranking.Neighbours;

/// <summary>
/// About how much each pair has weighed so far, up to fifteen: a count-min sketch with conservative update (Estan and Varghese 2002) in four bits a counter.
/// It never says less than was added, until it ages: when as much was added as it has room for, all counters are halved.
/// </summary>
internal sealed class PairSketch
{
    /// <summary>What a counter counts to.</summary>
    public const int Most = 15;

    // Between 48 and 96 counters for an item, since the number of counters doubles: 24 to 48 bytes.
    private const int CountersPerItem = 64;
    private const int Rows = 3;
    private const int RowBits = 21;
    private const int AgeAfter = 8;

    private byte[] _counters = new byte[CountersPerItem / 2];
    private long _added;
    private int _items;

    /// <summary>Bytes of the counters.</summary>
    public long AllocatedBytes => _counters.Length;

    /// <summary>Makes room for the pairs of one more item.</summary>
    public void AddItem()
    {
        // The upper half starts as a copy of the lower one: every pair finds what it had.
        if (++_items * (long)CountersPerItem > _counters.Length * 2L * 4 / 3)
            _counters = [.. _counters, .. _counters];
    }

    /// <summary>Adds to a pair; returns what it has now, at most <see cref="Most"/>.</summary>
    public int Add(ulong item, ulong neighbour, int weight)
    {
        var hash = NeighbourTable.Chance(item, neighbour);
        var mask = (ulong)(_counters.Length * 2) - 1;
        var least = Most;
        for (var row = 0; row < Rows; row++)
            least = Math.Min(least, Get(Place(hash, row) & mask));
        var now = Math.Min(Most, least + weight);
        for (var row = 0; row < Rows; row++)
        {
            if (Get(Place(hash, row) & mask) < now)
                Set(Place(hash, row) & mask, now);
        }
        _added += weight;
        if (_added >= _counters.Length * 2L * AgeAfter)
            Age();
        return now;
    }

    // Three parts of one hash.
    private static ulong Place(ulong hash, int row) => BitOperations.RotateLeft(hash, row * RowBits) + (ulong)row;

    private int Get(ulong place) => (_counters[place >> 1] >> ((int)(place & 1) * 4)) & Most;

    private void Set(ulong place, int value)
    {
        ref var both = ref _counters[place >> 1];
        var shift = (int)(place & 1) * 4;
        both = (byte)((both & ~(Most << shift)) | (value << shift));
    }

    private void Age()
    {
        for (var i = 0; i < _counters.Length; i++)
            _counters[i] = (byte)((_counters[i] >> 1) & 0x77);
        _added /= 2;
    }
}
