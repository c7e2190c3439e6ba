using System.Runtime.InteropServices;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Neighbours;

/// <summary>
/// For each item the items that the same users like, with their weights: at most <see cref="MostNeighbours"/> of them, those that weigh most. Not safe for
/// use by several threads at a time.
/// </summary>
/// <remarks>
/// Sums are whole numbers, so that their order does not matter while a list has room. Beside the full lists a sketch counts the pairs that are in none of them
/// (Roy, Khan and Alonso, "Augmented Sketch: Faster and More Accurate Stream Processing", SIGMOD 2016). A neighbour takes the place of the lightest when the
/// sketch says that it weighs more, and the lightest goes on in the sketch. The sketch counts to fifteen; beyond that, the neighbour takes the place with a
/// chance of its own weight over both (Ben Basat, Einziger, Friedman and Kassner, "Randomized Admission Policy for Efficient Top-k and Frequency Estimation",
/// 2017). Chance is a hash, so that the same events give the same list. A weight has ten bits: when one overflows, all of the list are halved.
/// </remarks>
public sealed partial class NeighbourTable
{
    /// <summary>Most neighbours of an item.</summary>
    public const int MostNeighbours = 50;

    private const int WeightBits = 10;
    private const int MostWeight = (1 << WeightBits) - 1;
    private const ulong KeyMask = (1UL << PartialKey.Bits) - 1;
    private const int EntryBytes = 7;
    private const ulong EntryMask = (1UL << (EntryBytes * 8)) - 1;
    private const int HeaderBytes = sizeof(ulong);
    private const int CountBits = 6;
    private const int ClassShift = 30;
    private const int NumberMask = (1 << ClassShift) - 1;
    private const int ChunkRecords = 1_024;

    // Most items have few neighbours.
    private static readonly int[] Capacities = [5, 12, 25, MostNeighbours];

    // One a bucket: how a list fills does not depend on the items of other buckets, so not on the number of shards.
    private readonly PairSketch?[] _sketches = new PairSketch?[Key64.BucketCount];
    private readonly List<byte[]>[] _chunks = [[], [], [], []];
    private readonly Stack<int>[] _free = [new(), new(), new(), new()];
    private readonly int[] _used = new int[4];
    private uint[] _slots = new uint[16];

    /// <summary>Items that have neighbours.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the lists and their index take.</summary>
    public long AllocatedBytes => ((long)_slots.Length * sizeof(uint)) + _chunks.Sum(c => c.Sum(a => (long)a.Length)) + _sketches.Sum(s => s?.AllocatedBytes ?? 0);

    /// <summary>Adds to the weight of a neighbour of an item.</summary>
    /// <param name="item">Partial key of the item.</param>
    /// <param name="neighbour">Partial key of the neighbour.</param>
    /// <param name="weight">What is added, positive.</param>
    /// <param name="salt">Tells this change from others of the same pair, as by its user: chance depends on it.</param>
    public void Add(ulong item, ulong neighbour, int weight, int salt)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        var at = SlotOf(item);
        if (_slots[at] == 0)
        {
            if ((Count + 1) * 8L > _slots.Length * 7L)
            {
                Grow();
                at = SlotOf(item);
            }
            _slots[at] = Allocate(0, item);
            Count++;
        }
        var record = Record(_slots[at]);
        ref var header = ref MemoryMarshal.AsRef<ulong>(record);
        var count = CountOf(header);
        var place = 0;
        while (place < count && KeyOf(Entry(record, place)) != neighbour)
            place++;
        if (place < count)
        {
            Raise(record, ref header, place, weight, salt);
            return;
        }
        if (count == Capacities[_slots[at] - 1 >> ClassShift])
        {
            if (count == MostNeighbours)
            {
                Admit(_sketches[Key64.Bucket(item)]!, record, ref header, neighbour, weight, salt);
                return;
            }
            _slots[at] = Widen(_slots[at]);
            if (Capacities[_slots[at] - 1 >> ClassShift] == MostNeighbours)
                (_sketches[Key64.Bucket(item)] ??= new PairSketch()).AddList();
            record = Record(_slots[at]);
            header = ref MemoryMarshal.AsRef<ulong>(record);
        }
        Set(record, count, neighbour, 0);
        header += 1UL << PartialKey.Bits;
        Raise(record, ref header, count, weight, salt);
    }

    /// <summary>Reads the neighbours of an item, in no order.</summary>
    /// <param name="item">Partial key of the item.</param>
    /// <param name="neighbours">Receives them, at least <see cref="MostNeighbours"/> long.</param>
    /// <returns>How many there are.</returns>
    public int Read(ulong item, Span<Neighbour> neighbours)
    {
        var slot = _slots[SlotOf(item)];
        if (slot == 0)
            return 0;
        var record = Record(slot);
        var header = MemoryMarshal.Read<ulong>(record);
        var (count, shift) = (CountOf(header), ShiftOf(header));
        for (var i = 0; i < count; i++)
        {
            var entry = Entry(record, i);
            neighbours[i] = new Neighbour(KeyOf(entry), (float)WeightOf(entry) * (1L << shift));
        }
        return count;
    }

    private static ulong KeyOf(ulong entry) => entry & KeyMask;

    private static int WeightOf(ulong entry) => (int)(entry >> PartialKey.Bits);

    private static int CountOf(ulong header) => (int)(header >> PartialKey.Bits) & ((1 << CountBits) - 1);

    private static int ShiftOf(ulong header) => (int)(header >> (PartialKey.Bits + CountBits));

    private static int RecordBytes(int sizeClass) => HeaderBytes + (EntryBytes * Capacities[sizeClass]);

    private static ulong Entry(Span<byte> record, int place) =>
        MemoryMarshal.Read<ulong>(record[(HeaderBytes + (EntryBytes * place))..]) & EntryMask;

    // The eighth byte belongs to the next entry.
    private static void Set(Span<byte> record, int place, ulong key, int weight)
    {
        ref var entry = ref MemoryMarshal.AsRef<ulong>(record[(HeaderBytes + (EntryBytes * place))..]);
        entry = (entry & ~EntryMask) | key | ((ulong)weight << PartialKey.Bits);
    }

    internal static ulong Chance(ulong a, ulong b)
    {
        // The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
        var x = a + (b * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    // What is smaller than a unit of a list that was halved is added with the chance of its share.
    private static int InUnits(ulong key, int weight, int shift, int salt)
    {
        var rest = weight & ((1 << shift) - 1);
        return (weight >> shift) + ((int)(Chance(key, (ulong)salt) & ((1UL << shift) - 1)) < rest ? 1 : 0);
    }

    private static void Raise(Span<byte> record, ref ulong header, int place, int weight, int salt)
    {
        while (true)
        {
            var entry = Entry(record, place);
            var sum = WeightOf(entry) + InUnits(KeyOf(entry) ^ KeyOfRecord(header), weight, ShiftOf(header), salt);
            if (sum <= MostWeight)
            {
                Set(record, place, KeyOf(entry), sum);
                return;
            }
            for (var i = 0; i < CountOf(header); i++)
            {
                var other = Entry(record, i);
                Set(record, i, KeyOf(other), (WeightOf(other) + (int)(Chance(KeyOf(other), (ulong)salt) & 1)) >> 1);
            }
            header += 1UL << (PartialKey.Bits + CountBits);
        }
    }

    private static ulong KeyOfRecord(ulong header) => header & KeyMask;

    private static void Admit(PairSketch sketch, Span<byte> record, ref ulong header, ulong neighbour, int weight, int salt)
    {
        var item = KeyOfRecord(header);
        var met = sketch.Add(item, neighbour, weight);
        var lightest = 0;
        for (var i = 1; i < MostNeighbours; i++)
            lightest = WeightOf(Entry(record, i)) < WeightOf(Entry(record, lightest)) ? i : lightest;
        var (leaving, before, unit) = (KeyOf(Entry(record, lightest)), WeightOf(Entry(record, lightest)), 1L << ShiftOf(header));
        if (met < PairSketch.Most)
        {
            if (met <= before * unit)
                return;
            (before, weight) = (0, met);
        }
        else
        {
            // The sketch counts no further: chance decides.
            var added = (double)weight / unit;
            if ((Chance(item ^ (neighbour << 16), (ulong)salt) >> 11) * (before + added) >= added * (1UL << 53))
                return;
        }
        sketch.Raise(item, leaving, WeightOf(Entry(record, lightest)) * unit);
        Set(record, lightest, neighbour, before);
        Raise(record, ref header, lightest, weight, salt);
    }

    private int SlotOf(ulong item)
    {
        var mask = _slots.Length - 1;
        for (var at = (int)(Chance(item, 1) & (uint)mask); ; at = (at + 1) & mask)
        {
            if (_slots[at] == 0 || KeyOfRecord(MemoryMarshal.Read<ulong>(Record(_slots[at]))) == item)
                return at;
        }
    }

    private void Grow()
    {
        var before = _slots;
        _slots = new uint[before.Length * 2];
        foreach (var slot in before)
        {
            if (slot != 0)
                _slots[SlotOf(KeyOfRecord(MemoryMarshal.Read<ulong>(Record(slot))))] = slot;
        }
    }

    private Span<byte> Record(uint slot)
    {
        var (sizeClass, number) = ((int)(slot - 1 >> ClassShift), (int)(slot - 1 & NumberMask));
        var bytes = RecordBytes(sizeClass);
        // A byte more: the last entry is read as eight bytes.
        return _chunks[sizeClass][number / ChunkRecords].AsSpan(number % ChunkRecords * bytes, bytes + 1);
    }

    private uint Allocate(int sizeClass, ulong item)
    {
        if (!_free[sizeClass].TryPop(out var number))
        {
            number = _used[sizeClass]++;
            if (number / ChunkRecords == _chunks[sizeClass].Count)
                _chunks[sizeClass].Add(new byte[(ChunkRecords * RecordBytes(sizeClass)) + 1]);
        }
        var slot = ((uint)sizeClass << ClassShift | (uint)number) + 1;
        MemoryMarshal.AsRef<ulong>(Record(slot)) = item;
        return slot;
    }

    private uint Widen(uint slot)
    {
        var sizeClass = (int)(slot - 1 >> ClassShift);
        var before = Record(slot);
        var wider = Allocate(sizeClass + 1, KeyOfRecord(MemoryMarshal.Read<ulong>(before)));
        before[..RecordBytes(sizeClass)].CopyTo(Record(wider));
        _free[sizeClass].Push((int)(slot - 1 & NumberMask));
        return wider;
    }
}
