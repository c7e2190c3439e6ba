using System.Runtime.Intrinsics.X86;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// 64-bit key to a number (a row, a symbol): open addressing, one writer, any number of readers without locks. A slot is one 64-bit word, the upper half of
/// the key as a fingerprint above the number plus one, so it is never torn. The key itself lies with what the number stands for and is read only when
/// fingerprints agree.
/// </summary>
/// <remarks>
/// A directory of small tables, chosen by bits of the key, each of which grows alone: the longest stop of the writer is the growth of one. The place of a
/// slot follows from the fingerprint, so growing reads no keys. Readers that still hold a replaced table find what was in it: later numbers belong to no
/// view that they read.
/// </remarks>
/// <typeparam name="TKeys">A struct, so that reading a key is no virtual call.</typeparam>
internal sealed unsafe class KeyTable<TKeys>(PartitionMemory memory, TKeys keys, int directoryBits)
    where TKeys : struct, IKeyed
{
    private const int SmallestBits = 4;

    // Slots of a huge page.
    private const int HugeBits = 18;

    // Tables start on cache lines: the lower bits of their addresses hold the logarithm of their size.
    private const nint SizeMask = NativePages.CacheLine - 1;

    private readonly nint[] _tables = new nint[1 << directoryBits];
    private readonly int[] _counts = new int[1 << directoryBits];

    /// <summary>Number of a key; -1 when it has none.</summary>
    public int Find(ulong key)
    {
        var table = Volatile.Read(ref _tables[Directory(key)]);
        if (table == 0)
            return -1;
        var slots = (ulong*)(table & ~SizeMask);
        var mask = (1u << (int)(table & SizeMask)) - 1;
        var fingerprint = (uint)(key >> 32);
        for (var at = fingerprint & mask; ; at = (at + 1) & mask)
        {
            var slot = Volatile.Read(ref slots[at]);
            if (slot == 0)
                return -1;
            if ((uint)(slot >> 32) == fingerprint && keys.KeyAt((int)(uint)slot - 1) == key)
                return (int)(uint)slot - 1;
        }
    }

    /// <summary>Number of a key that has a partial key; -1 when there is none.</summary>
    public int FindPartial(ulong partial)
    {
        var table = Volatile.Read(ref _tables[Directory(partial)]);
        if (table == 0)
            return -1;
        var slots = (ulong*)(table & ~SizeMask);
        var mask = (1u << (int)(table & SizeMask)) - 1;
        var fingerprint = PartialKey.UpperHalf(partial);
        for (var at = fingerprint & mask; ; at = (at + 1) & mask)
        {
            var slot = Volatile.Read(ref slots[at]);
            if (slot == 0)
                return -1;
            if ((uint)(slot >> 32) == fingerprint && PartialKey.Of(keys.KeyAt((int)(uint)slot - 1)) == partial)
                return (int)(uint)slot - 1;
        }
    }

    /// <summary>
    /// Sets the number of a key, whose number from before is <paramref name="previous"/> or -1. Writer only; what the number stands for must have its
    /// key already.
    /// </summary>
    public void Set(ulong key, int number, int previous)
    {
        var directory = Directory(key);
        if (previous < 0 && (_tables[directory] == 0 || (_counts[directory] + 1) * 4L > 3L << (int)(_tables[directory] & SizeMask)))
            Grow(directory);
        var table = _tables[directory];
        var slots = (ulong*)(table & ~SizeMask);
        var mask = (1u << (int)(table & SizeMask)) - 1;
        var fingerprint = (uint)(key >> 32);
        var old = previous < 0 ? 0 : Slot(fingerprint, previous);
        var to = fingerprint & mask;
        while (slots[to] != old)
            to = (to + 1) & mask;
        Volatile.Write(ref slots[to], Slot(fingerprint, number));
        _counts[directory] += previous < 0 ? 1 : 0;
    }

    /// <summary>Prefetches the slots of a key for a look-up soon after.</summary>
    public void Prefetch(ulong key)
    {
        var table = _tables[Directory(key)];
        if (Sse.IsSupported && table != 0)
            Sse.Prefetch0((ulong*)(table & ~SizeMask) + ((uint)(key >> 32) & ((1u << (int)(table & SizeMask)) - 1)));
    }

    /// <summary>Releases all memory.</summary>
    public void Retire()
    {
        foreach (var table in _tables)
            memory.Retire(table & ~SizeMask);
    }

    // The low byte of an item's key is its bucket, which all keys of a shard nearly share.
    private int Directory(ulong key) => (int)(key >> 8) & (_tables.Length - 1);

    private static ulong Slot(uint fingerprint, int number) => ((ulong)fingerprint << 32) | ((uint)number + 1);

    private void Grow(int directory)
    {
        var table = _tables[directory];
        var bits = table == 0 ? SmallestBits : (int)(table & SizeMask) + 1;
        var larger = (ulong*)memory.Allocate((long)sizeof(ulong) << bits, huge: bits >= HugeBits);
        var mask = (1u << bits) - 1;
        var slots = (ulong*)(table & ~SizeMask);
        for (var i = table == 0 ? 0 : 1 << (bits - 1); i > 0; i--)
        {
            var slot = slots[i - 1];
            if (slot == 0)
                continue;
            var to = (uint)(slot >> 32) & mask;
            while (larger[to] != 0)
                to = (to + 1) & mask;
            larger[to] = slot;
        }
        Volatile.Write(ref _tables[directory], (nint)larger | bits);
        memory.Retire(table & ~SizeMask);
    }
}
