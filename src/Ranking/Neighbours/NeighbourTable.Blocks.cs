using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Neighbours;

/// <summary>The table as blocks of bytes, in which it is kept over a restart. Reading them gives a table that goes on exactly as the written one.</summary>
/// <remarks>
/// <code>
/// block of lists    u8 1  lists: u64 header (partial key, number of neighbours, halvings)  7 bytes for each neighbour
/// block of a sketch u8 2  u16 bucket  the sketch
/// </code>
/// A list belongs to the bucket of its item, and so does a sketch: blocks of several tables can be sorted into others by bucket.
/// </remarks>
public sealed partial class NeighbourTable
{
    private const byte Lists = 1;
    private const byte Sketch = 2;
    private const int BlockBytes = 256 << 10;
    private const int SketchHeaderBytes = sizeof(byte) + sizeof(ushort);

    /// <summary>Writes the table: a copy of all of it, some tens of milliseconds for 100,000 items.</summary>
    public List<byte[]> ToBlocks()
    {
        var blocks = new List<byte[]>();
        var block = new List<byte>(BlockBytes) { Lists };
        foreach (var slot in _slots)
        {
            if (slot == 0)
                continue;
            var record = Record(slot);
            block.AddRange(record[..(HeaderBytes + (EntryBytes * CountOf(MemoryMarshal.Read<ulong>(record))))]);
            if (block.Count < BlockBytes - RecordBytes(Capacities.Length - 1))
                continue;
            blocks.Add([.. block]);
            block.RemoveRange(1, block.Count - 1);
        }
        if (block.Count > 1)
            blocks.Add([.. block]);
        for (var bucket = 0; bucket < _sketches.Length; bucket++)
        {
            if (_sketches[bucket] is not { } sketch)
                continue;
            var bytes = new byte[SketchHeaderBytes + sketch.WrittenBytes];
            bytes[0] = Sketch;
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), (ushort)bucket);
            sketch.Write(bytes.AsSpan(SketchHeaderBytes));
            blocks.Add(bytes);
        }
        return blocks;
    }

    /// <summary>Adds the lists or the sketch of a block. Throws <see cref="FormatException"/> for bytes that are no block, or an item that is there.</summary>
    public void AddBlock(ReadOnlySpan<byte> block)
    {
        switch (block.IsEmpty ? 0 : block[0])
        {
            case Lists:
                for (var rest = block[1..]; !rest.IsEmpty;)
                    rest = rest[AddList(rest)..];
                break;
            case Sketch when block.Length > SketchHeaderBytes && BinaryPrimitives.ReadUInt16LittleEndian(block[1..]) is < Key64.BucketCount and var bucket:
                _sketches[bucket] = PairSketch.Read(block[SketchHeaderBytes..]);
                break;
            default:
                throw new FormatException("not a block of neighbours");
        }
    }

    /// <summary>Adds the list that bytes begin with; returns its length.</summary>
    private int AddList(ReadOnlySpan<byte> bytes)
    {
        var header = bytes.Length < HeaderBytes ? 0 : MemoryMarshal.Read<ulong>(bytes);
        var (item, count) = (KeyOfRecord(header), CountOf(header));
        var length = HeaderBytes + (EntryBytes * count);
        if (count is 0 or > MostNeighbours || bytes.Length < length)
            throw new FormatException("not a list of neighbours");
        if ((Count + 1) * 8L > _slots.Length * 7L)
            Grow();
        var at = SlotOf(item);
        if (_slots[at] != 0)
            throw new FormatException("an item has two lists of neighbours");
        _slots[at] = Allocate(Array.FindIndex(Capacities, capacity => capacity >= count), item);
        bytes[..length].CopyTo(Record(_slots[at]));
        Count++;
        return length;
    }
}
