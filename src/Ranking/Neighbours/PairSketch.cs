using System.Buffers.Binary;
using System.Numerics;

namespace KgOrleans.Ranking.Neighbours;

/// <summary>
/// About how much each pair has weighed that is in no list, up to fifteen: a count-min sketch with conservative update (Estan and Varghese 2002) in four bits a
/// counter. It says too much rather than too little, until it ages: when as much was added as it has room for, all counters are halved.
/// </summary>
internal sealed class PairSketch
{
    /// <summary>What a counter counts to.</summary>
    public const int Most = 15;

    private const int HeaderBytes = sizeof(int) + sizeof(long);
    private const int CountersPerList = 60;
    private const int Rows = 3;
    private const int RowBits = 21;

    // Of 2, 4 and 8 on inner splits of HetRec Last.fm, two was best.
    private const int AgeAfter = 2;

    private byte[] _counters = new byte[CountersPerList / 2];
    private int _count;
    private long _added;

    /// <summary>Bytes of the counters.</summary>
    public long AllocatedBytes => _counters.Length;

    /// <summary>Bytes of what <see cref="Write"/> writes.</summary>
    public int WrittenBytes => HeaderBytes + ((_count + 1) / 2);

    /// <summary>Writes the sketch: i32 counters, i64 added, two counters a byte.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, _count);
        BinaryPrimitives.WriteInt64LittleEndian(target[sizeof(int)..], _added);
        _counters.AsSpan(0, (_count + 1) / 2).CopyTo(target[HeaderBytes..]);
    }

    /// <summary>The reverse of <see cref="Write"/>. Throws <see cref="FormatException"/> for other bytes.</summary>
    public static PairSketch Read(ReadOnlySpan<byte> bytes)
    {
        var count = bytes.Length < HeaderBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (count < 0 || bytes.Length != HeaderBytes + ((count + 1) / 2))
            throw new FormatException("not a sketch of pairs");
        return new PairSketch
        {
            _count = count,
            _added = BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(int)..]),
            _counters = bytes[HeaderBytes..].ToArray(),
        };
    }

    /// <summary>Makes room for the pairs of one more full list.</summary>
    public void AddList()
    {
        // As linear hashing grows (Litwin 1980), but a new counter is a copy of the one that it is split from: every pair finds what it had.
        var before = _count;
        _count += CountersPerList;
        if (_count > _counters.Length * 2)
            Array.Resize(ref _counters, (_count + (_count >> 4)) / 2);
        for (var place = Math.Max(1, before); place < _count; place++)
            Set(place, Get(place - (1 << BitOperations.Log2((uint)place))));
    }

    /// <summary>Adds to a pair; returns what it has now, at most <see cref="Most"/>.</summary>
    public int Add(ulong item, ulong neighbour, int weight)
    {
        var hash = NeighbourTable.Chance(item, neighbour);
        var least = Most;
        for (var row = 0; row < Rows; row++)
            least = Math.Min(least, Get(Place(hash, row)));
        var now = Math.Min(Most, least + weight);
        Raise(hash, now);
        _added += weight;
        if (_added >= (long)_count * AgeAfter)
            Age();
        return now;
    }

    /// <summary>Sees to it that a pair has at least a weight.</summary>
    public void Raise(ulong item, ulong neighbour, long weight) => Raise(NeighbourTable.Chance(item, neighbour), (int)Math.Min(Most, weight));

    private void Raise(ulong hash, int weight)
    {
        for (var row = 0; row < Rows; row++)
        {
            var place = Place(hash, row);
            if (Get(place) < weight)
                Set(place, weight);
        }
    }

    // Three parts of one hash.
    private int Place(ulong hash, int row)
    {
        var half = 1 << BitOperations.Log2((uint)_count);
        var place = (int)((BitOperations.RotateLeft(hash, row * RowBits) + (ulong)row) & (((ulong)half << 1) - 1));
        return place < _count ? place : place - half;
    }

    private int Get(int place) => (_counters[place >> 1] >> ((place & 1) * 4)) & Most;

    private void Set(int place, int value)
    {
        ref var both = ref _counters[place >> 1];
        var shift = (place & 1) * 4;
        both = (byte)((both & ~(Most << shift)) | (value << shift));
    }

    private void Age()
    {
        for (var i = 0; i < _counters.Length; i++)
            _counters[i] = (byte)((_counters[i] >> 1) & 0x77);
        _added /= 2;
    }
}
