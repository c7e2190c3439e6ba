using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// Items that a user has met, each with the time of the last event and the types of all events. Types share that time: a like today renews an old impression,
/// so the item stays seen for longer rather than shorter.
/// Each type has a share of the set, and forgets its own oldest items first: events of one type never push out what another type marked.
/// </summary>
public sealed class SeenSet
{
    /// <summary>
    /// Most items remembered of a type that marks as seen by default, or takes items away for good: 320 kB a user when packed. Most users meet an item by
    /// several types, and it is one item.
    /// </summary>
    public const int Capacity = 20_000;

    /// <summary>Most items remembered of any other type.</summary>
    public const int OtherCapacity = 2_500;

    private const int EntrySize = 16;
    private const int TypesBits = 16;
    // A bit of the types that stands for no type: a valid play of the item was counted.
    private const ushort PlayCounted = 1 << 15;
    private readonly Dictionary<ulong, (long At, ushort Types)> _entries;
    private readonly int[] _ofType = new int[EventTypeTable.Numbers];

    /// <summary>An empty set.</summary>
    public SeenSet() => _entries = [];

    private SeenSet(Dictionary<ulong, (long At, ushort Types)> entries)
    {
        _entries = entries;
        foreach (var (_, types) in entries.Values)
            Tally(types, 1);
    }

    /// <summary>Number of items.</summary>
    public int Count => _entries.Count;

    /// <summary>All items with the time of their last event and their types, a bit each.</summary>
    internal IEnumerable<(ulong Key, long At, int Types)> Entries => _entries.Select(e => (e.Key, e.Value.At, e.Value.Types & ~PlayCounted));

    /// <summary>Most items remembered of a type.</summary>
    public static int ShareOf(EventType type) => EventTypes.Of(type) is { Seen: true } or { Removes: true } ? Capacity : OtherCapacity;

    /// <summary>Adds an event of a type, with its item and time (unix milliseconds).</summary>
    public void Add(ulong itemKey, int type, long at) => AddAll(itemKey, (ushort)(1 << type), at);

    /// <summary>Whether an event of a type is remembered of an item.</summary>
    public bool Has(ulong itemKey, EventType type) => _entries.TryGetValue(itemKey, out var entry) && (entry.Types >> (int)type & 1) != 0;

    /// <summary>Forgets the events of a type of an item. The item leaves the set when it was marked by no other type.</summary>
    public void Remove(ulong itemKey, EventType type)
    {
        if (!Has(itemKey, type))
            return;
        var (at, types) = _entries[itemKey];
        Set(itemKey, at, types, (ushort)(types & ~(1 << (int)type)));
    }

    /// <summary>Adds events of several types, a bit each, with their item and the time of the last.</summary>
    internal void AddAll(ulong itemKey, ushort types, long at)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, itemKey, out _);
        Tally((ushort)(types & ~entry.Types), 1);
        entry = (Math.Max(entry.At, at), (ushort)(entry.Types | types));
        // Trimming a tenth at once keeps the cost of a full set amortised.
        for (var type = 0; type < _ofType.Length; type++)
        {
            if (_ofType[type] > ShareOf((EventType)type) * 11 / 10)
                Trim((EventType)type);
        }
    }

    /// <summary>Whether a valid play of the item was counted.</summary>
    internal bool IsPlayCounted(ulong itemKey) => _entries.TryGetValue(itemKey, out var entry) && (entry.Types & PlayCounted) != 0;

    /// <summary>Notes that a valid play of the item was counted; the set has a play of it.</summary>
    internal void SetPlayCounted(ulong itemKey)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, itemKey);
        if (!Unsafe.IsNullRef(ref entry))
            entry.Types |= PlayCounted;
    }

    /// <summary>
    /// Keys that a rule counts as seen at a time (unix milliseconds). When there are more than the rule's maximum, the newest of them, newest first.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="always">Bit t is set when items with an event of type t are selected as well, whatever the rule says.</param>
    public ulong[] Select(SeenRule rule, long now, int always = 0)
    {
        var from = now - (long)rule.Horizon.TotalMilliseconds;
        var keys = new List<(long At, ulong Key)>(_entries.Count);
        var kept = new List<ulong>();
        foreach (var (key, (at, types)) in _entries)
        {
            if ((types & rule.TypesMask) != 0 && at >= from)
                keys.Add((at, key));
            else if ((types & always) != 0)
                kept.Add(key);
        }
        if (keys.Count > rule.Max)
        {
            keys.Sort(static (a, b) => a.At != b.At ? b.At.CompareTo(a.At) : a.Key.CompareTo(b.Key));
            foreach (var (_, key) in CollectionsMarshal.AsSpan(keys)[rule.Max..])
            {
                if ((_entries[key].Types & always) != 0)
                    kept.Add(key);
            }
            keys.RemoveRange(rule.Max, keys.Count - rule.Max);
        }
        var result = new ulong[keys.Count + kept.Count];
        for (var i = 0; i < keys.Count; i++)
            result[i] = keys[i].Key;
        kept.CopyTo(result, keys.Count);
        return result;
    }

    /// <summary>
    /// Newest items of the running session, by events of certain types: each within <paramref name="gap"/> of the next, and the newest within it of
    /// <paramref name="now"/>.
    /// </summary>
    /// <param name="typesMask">Bit t is set when <see cref="EventType"/> t counts.</param>
    /// <param name="now">Unix milliseconds; later events belong to the session too.</param>
    /// <param name="gap">Longest pause within a session.</param>
    /// <param name="count">Most items wanted.</param>
    /// <returns>Keys, oldest first; items with the same time in descending order of key.</returns>
    public ulong[] Session(int typesMask, long now, TimeSpan gap, int count)
    {
        // The newest so far, newest first. Few are wanted, so insertion is faster than sorting the whole set.
        var newest = new (long At, ulong Key)[Math.Min(count, _entries.Count)];
        var found = 0;
        foreach (var (key, (at, types)) in _entries)
        {
            if ((types & typesMask) == 0 || newest.Length == 0 || (found == newest.Length && !IsNewer(at, key, newest[found - 1])))
                continue;
            var i = found < newest.Length ? found++ : found - 1;
            for (; i > 0 && IsNewer(at, key, newest[i - 1]); i--)
                newest[i] = newest[i - 1];
            newest[i] = (at, key);
        }
        var length = 0;
        for (var last = now; length < found && last - newest[length].At <= (long)gap.TotalMilliseconds; length++)
            last = Math.Min(last, newest[length].At);
        var session = new ulong[length];
        for (var i = 0; i < length; i++)
            session[i] = newest[length - 1 - i].Key;
        return session;

        static bool IsNewer(long at, ulong key, (long At, ulong Key) other) => at != other.At ? at > other.At : key < other.Key;
    }

    /// <summary>
    /// The set as bytes, each type within its share: 16 bytes an item, little-endian: the key, then the time in the upper 48 bits and the types in the lower
    /// 16; the highest bit of the types says that a valid play was counted.
    /// </summary>
    public byte[] Pack()
    {
        for (var type = 0; type < _ofType.Length; type++)
        {
            if (_ofType[type] > ShareOf((EventType)type))
                Trim((EventType)type);
        }
        var bytes = new byte[_entries.Count * EntrySize];
        var offset = 0;
        foreach (var (key, (at, types)) in _entries)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), key);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(offset + 8), (at << TypesBits) | types);
            offset += EntrySize;
        }
        return bytes;
    }

    /// <summary>The reverse of <see cref="Pack"/>. Throws <see cref="FormatException"/> when the length does not fit.</summary>
    public static SeenSet Unpack(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % EntrySize != 0)
            throw new FormatException($"a seen set has {EntrySize} bytes for each item, so it cannot have {bytes.Length} bytes");
        var entries = new Dictionary<ulong, (long, ushort)>(bytes.Length / EntrySize);
        for (; bytes.Length > 0; bytes = bytes[EntrySize..])
        {
            var meeting = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
            entries[BinaryPrimitives.ReadUInt64LittleEndian(bytes)] = (meeting >> TypesBits, (ushort)meeting);
        }
        return new SeenSet(entries);
    }

    /// <summary>Takes the type from all items but the newest of its share.</summary>
    private void Trim(EventType type)
    {
        var bit = 1 << (int)type;
        foreach (var (key, (at, types)) in _entries.Where(e => (e.Value.Types & bit) != 0)
            .OrderBy(e => e.Value.At).ThenBy(e => e.Key).Take(_ofType[(int)type] - ShareOf(type)).ToArray())
            Set(key, at, types, (ushort)(types & ~bit));
    }

    private void Set(ulong key, long at, ushort before, ushort types)
    {
        if ((types >> (int)EventType.Play & 1) == 0)
            types = (ushort)(types & ~PlayCounted);
        Tally((ushort)(before & ~types), -1);
        if (types == 0)
            _entries.Remove(key);
        else
            _entries[key] = (at, types);
    }

    private void Tally(ushort types, int change)
    {
        for (var type = 0; type < _ofType.Length; type++)
            _ofType[type] += (types >> type & 1) != 0 ? change : 0;
    }
}
