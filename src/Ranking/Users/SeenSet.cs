using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// Items that a user has met, each with the time of the last event and the types of all events. Types share that time: a like today renews an old impression,
/// so the item stays seen for longer rather than shorter.
/// The set is bounded and drops the oldest items first.
/// </summary>
public sealed class SeenSet
{
    /// <summary>Most items remembered: 320 kB a user when packed.</summary>
    public const int Capacity = 20_000;

    private const int EntrySize = 16;
    private const int TypesBits = 16;
    private readonly Dictionary<ulong, (long At, ushort Types)> _entries;

    /// <summary>An empty set.</summary>
    public SeenSet() => _entries = [];

    private SeenSet(Dictionary<ulong, (long At, ushort Types)> entries) => _entries = entries;

    /// <summary>Number of items.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds an event of a type, with its item and time (unix milliseconds).</summary>
    public void Add(ulong itemKey, int type, long at) => AddAll(itemKey, (ushort)(1 << type), at);

    /// <summary>Adds events of several types, a bit each, with their item and the time of the last.</summary>
    internal void AddAll(ulong itemKey, ushort types, long at)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, itemKey, out _);
        entry = (Math.Max(entry.At, at), (ushort)(entry.Types | types));
        // Trimming a tenth at once keeps the cost of a full set amortised.
        if (_entries.Count > Capacity + (Capacity / 10))
            Trim();
    }

    /// <summary>
    /// Keys that a rule counts as seen at a time (unix milliseconds). When there are more than the rule's maximum, the newest of them, newest first.
    /// </summary>
    public ulong[] Select(SeenRule rule, long now)
    {
        var from = now - (long)rule.Horizon.TotalMilliseconds;
        var keys = new List<(long At, ulong Key)>(_entries.Count);
        foreach (var (key, (at, types)) in _entries)
        {
            if ((types & rule.TypesMask) != 0 && at >= from)
                keys.Add((at, key));
        }
        if (keys.Count > rule.Max)
        {
            keys.Sort(static (a, b) => a.At != b.At ? b.At.CompareTo(a.At) : a.Key.CompareTo(b.Key));
            keys.RemoveRange(rule.Max, keys.Count - rule.Max);
        }
        var result = new ulong[keys.Count];
        for (var i = 0; i < result.Length; i++)
            result[i] = keys[i].Key;
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
    /// The set as bytes: the newest <see cref="Capacity"/> items, 16 bytes each, little-endian: the key, then the time in the upper 48 bits and the types in
    /// the lower 16.
    /// </summary>
    public byte[] Pack()
    {
        if (_entries.Count > Capacity)
            Trim();
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

    private void Trim()
    {
        foreach (var key in _entries.OrderBy(e => e.Value.At).ThenBy(e => e.Key).Take(_entries.Count - Capacity).Select(e => e.Key).ToArray())
            _entries.Remove(key);
    }
}
