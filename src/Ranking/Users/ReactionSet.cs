using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// What a user has done that can be taken back, by item and type of event. The set is bounded: it forgets what is longest ago, so that a very old like may
/// count once more, or cannot be taken back.
/// </summary>
internal sealed class ReactionSet
{
    /// <summary>Most entries remembered: 120 kB a user when packed.</summary>
    public const int Capacity = 5_000;

    private const int EntrySize = 24;
    private readonly Dictionary<(ulong Item, EventType Type), Reaction> _entries = [];

    /// <summary>Number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>What is known of an item and a type.</summary>
    public Reaction Of(ulong itemKey, EventType type) => _entries.GetValueOrDefault((itemKey, type));

    /// <summary>Replaces what is known of an item and a type.</summary>
    public void Set(ulong itemKey, EventType type, Reaction reaction)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_entries, (itemKey, type), out _) = reaction;
        // Trimming a tenth at once keeps the cost of a full set amortised.
        if (_entries.Count > Capacity + (Capacity / 10))
            Trim();
    }

    /// <summary>
    /// The set as bytes: the newest <see cref="Capacity"/> entries, 24 bytes each, little-endian: the item's key, the time of the counted event in the upper 48
    /// bits above the type, the time of the newest event in the upper 48 bits above the turns.
    /// </summary>
    public byte[] Pack()
    {
        if (_entries.Count > Capacity)
            Trim();
        var bytes = new byte[_entries.Count * EntrySize];
        var rest = bytes.AsSpan();
        foreach (var ((item, type), reaction) in _entries)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(rest, item);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], (reaction.CountedAt << 16) | (byte)type);
            BinaryPrimitives.WriteInt64LittleEndian(rest[16..], (reaction.LastAt << 16) | reaction.Turns);
            rest = rest[EntrySize..];
        }
        return bytes;
    }

    /// <summary>The reverse of <see cref="Pack"/>. Throws <see cref="FormatException"/> when the bytes do not fit.</summary>
    public static ReactionSet Unpack(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % EntrySize != 0)
            throw new FormatException($"a set of reactions has {EntrySize} bytes for each, so it cannot have {bytes.Length} bytes");
        var set = new ReactionSet();
        for (; bytes.Length > 0; bytes = bytes[EntrySize..])
        {
            var (counted, last) = (BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
            var type = (EventType)(ushort)counted;
            if ((int)type >= EventTypeTable.Numbers)
                throw new FormatException($"a set of reactions names the type of event {(ushort)counted}");
            set._entries[(BinaryPrimitives.ReadUInt64LittleEndian(bytes), type)] = new Reaction(counted >> 16, last >> 16, (ushort)last);
        }
        return set;
    }

    private void Trim()
    {
        foreach (var key in _entries.OrderBy(e => e.Value.LastAt).ThenBy(e => e.Key).Take(_entries.Count - Capacity).Select(e => e.Key).ToArray())
            _entries.Remove(key);
    }
}
