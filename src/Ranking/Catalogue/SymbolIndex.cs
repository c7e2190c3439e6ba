using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The values of one field (creators, songs, tags ...) as dense numbers, symbols, with the key, the name and the rows of each. Symbol 0 stands for
/// "none". One writer, any number of readers without locks.
/// </summary>
/// <remarks>
/// The rows of a symbol ascend. The first two lie in its entry, so millions of creators with an item or two need no lists. The rest lie in blocks that grow
/// from 4 to 1020 rows and name the block before them.
/// </remarks>
internal sealed unsafe partial class SymbolIndex
{
    private const int SegmentShift = 16;
    private const int DirectoryBits = 6;
    private const int SmallestBlock = 4;
    private const int LargestBlock = 1020;

    // A symbol of one row in 64 or more is common: adding 64 rows from a bitmap costs less than one from postings, and the bitmap takes no more than
    // twice the memory of the postings.
    private const int CommonShare = 64;

    private readonly PartitionMemory _memory;
    private readonly TextHeap _names;
    private readonly IntHeap _lists;
    private readonly KeyTable<Keys> _table;
    private readonly Lock _denseLock = new();
    private readonly Dictionary<int, DenseRows> _dense = [];
    private nint[] _segments = [];
    private int _count = 1;

    public SymbolIndex(PartitionMemory memory, TextHeap names, IntHeap lists)
    {
        (_memory, _names, _lists) = (memory, names, lists);
        _table = new KeyTable<Keys>(memory, new Keys(this), DirectoryBits);
    }

    /// <summary>Symbols, "none" included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Symbol of a key; 0 for key 0 and for unknown keys.</summary>
    public int Find(ulong key) => key == 0 ? 0 : Math.Max(0, _table.Find(key));

    /// <summary>Symbol of a key; a new key gets a new symbol. Writer only.</summary>
    /// <param name="key">Key; 0 is "none".</param>
    /// <param name="name">Name behind the key; empty when it is never read.</param>
    public int Add(ulong key, ReadOnlySpan<byte> name)
    {
        if (key == 0)
            return 0;
        var symbol = _table.Find(key);
        if (symbol > 0)
            return symbol;
        symbol = _count;
        if (symbol >> SegmentShift >= _segments.Length)
            Volatile.Write(ref _segments, [.. _segments, _memory.Allocate((long)sizeof(Entry) << SegmentShift, huge: _segments.Length > 0)]);
        *At(symbol) = new Entry { Key = key, Name = name.IsEmpty ? 0 : _names.Add(name) + 1, First = -1, Second = -1 };
        Volatile.Write(ref _count, symbol + 1);
        _table.Set(key, symbol, previous: -1);
        return symbol;
    }

    /// <summary>Appends a row, larger than those before, to a symbol's. Writer only.</summary>
    public void Post(int symbol, int row)
    {
        if (symbol == 0)
            return;
        var entry = At(symbol);
        var count = entry->Count;
        if (count == 0)
            Volatile.Write(ref entry->First, row);
        else if (count == 1)
            Volatile.Write(ref entry->Second, row);
        else
            Append(entry, count - 2, row);
        Volatile.Write(ref entry->Count, count + 1);
    }

    /// <summary>Prefetches the memory that the next <see cref="Post"/> of a symbol writes.</summary>
    public void PrefetchPost(int symbol)
    {
        if (!Sse.IsSupported || symbol == 0)
            return;
        var entry = At(symbol);
        if (entry->Tail == 0)
            return;
        var block = (Block*)_lists.At(entry->Tail);
        Sse.Prefetch0(block);
        Sse.Prefetch0(block->Rows + PlaceOf(entry->Count - 2).Place);
    }

    /// <summary>Prefetches what <see cref="KeyAt"/> reads of a symbol.</summary>
    public void PrefetchEntry(int symbol)
    {
        if (Sse.IsSupported && symbol != 0)
            Sse.Prefetch0(At(symbol));
    }

    /// <summary>Key of a symbol; 0 for "none".</summary>
    public ulong KeyAt(int symbol) => symbol == 0 ? 0 : At(symbol)->Key;

    /// <summary>Name of a symbol; null when it has none.</summary>
    public string? NameOf(int symbol) => symbol == 0 || At(symbol)->Name == 0 ? null : _names.StringAt(At(symbol)->Name - 1);

    /// <summary>Name of a symbol as UTF-8; empty when it has none.</summary>
    public ReadOnlySpan<byte> TextOf(int symbol) => symbol == 0 || At(symbol)->Name == 0 ? [] : _names[At(symbol)->Name - 1];

    /// <summary>Rows of a symbol below a count, dead ones included, in runs.</summary>
    public Postings Rows(int symbol, int rowCount) => symbol == 0 ? default : new Postings(this, symbol, rowCount);

    /// <summary>Rows of a common symbol as a bitmap, complete below a count and pinned; null when the symbol is not common.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="rowCount">Rows of the view.</param>
    /// <param name="words">Words of a bitmap of all the view's chunks.</param>
    public ulong[]? Dense(int symbol, int rowCount, int words)
    {
        if (symbol == 0)
            return null;
        lock (_denseLock)
        {
            if (!_dense.TryGetValue(symbol, out var rows))
            {
                if (Volatile.Read(ref At(symbol)->Count) < Math.Max(1, rowCount / CommonShare))
                    return null;
                _dense.Add(symbol, rows = new DenseRows());
            }
            return rows.UpTo(this, symbol, rowCount, words);
        }
    }

    /// <summary>Prefetches the slot of a key.</summary>
    public void Prefetch(ulong key) => _table.Prefetch(key);

    /// <summary>Releases the memory of table and entries; names and lists belong to the partition.</summary>
    public void Retire()
    {
        _table.Retire();
        foreach (var segment in _segments)
            _memory.Retire(segment);
    }

    private void Append(Entry* entry, int listed, int row)
    {
        var (place, capacity) = PlaceOf(listed);
        if (place > 0)
        {
            // The count is what makes the row visible, so the row goes first.
            var block = (Block*)_lists.At(entry->Tail);
            block->Rows[place] = row;
            Volatile.Write(ref block->Filled, place + 1);
            return;
        }
        var next = _lists.Reserve(Block.HeaderInts + capacity);
        var added = (Block*)_lists.At(next);
        (added->Previous, added->Filled, added->Rows[0]) = (entry->Tail, 1, row);
        Volatile.Write(ref entry->Tail, next);
    }

    // Place of the next row in its block, and the block's size: 4, 8, 16 ... 512, which are 1020 together, then 1020 each.
    private static (int Place, int Capacity) PlaceOf(int listed)
    {
        if (listed >= LargestBlock)
            return ((listed - LargestBlock) % LargestBlock, LargestBlock);
        var block = BitOperations.Log2((uint)((listed / SmallestBlock) + 1));
        return (listed - (SmallestBlock * ((1 << block) - 1)), SmallestBlock << block);
    }

    private Entry* At(int symbol) => (Entry*)Volatile.Read(ref _segments)[symbol >> SegmentShift] + (symbol & ((1 << SegmentShift) - 1));

    /// <summary>Keys of symbols.</summary>
    private readonly struct Keys(SymbolIndex index) : IKeyed
    {
        public ulong KeyAt(int number) => index.At(number)->Key;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Entry
    {
        public ulong Key;
        public uint Name;
        public uint Tail;
        public int First;
        public int Second;

        // Rows, those of later views included: only a guess for readers.
        public int Count;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Block
    {
        public const int HeaderInts = 2;

        public uint Previous;
        public int Filled;
        public fixed int Rows[1];
    }
}
