using System.Buffers.Binary;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Grains.Users;

/// <summary>Hashes of the newest events that a user's state contains. Longer memory lies in the event log; this one tells whether an event that the log knows has reached the state.</summary>
internal sealed class RecentEventIds
{
    /// <summary>Newest events remembered: more than fit between two state writes.</summary>
    public const int Capacity = 256;

    private readonly Queue<ulong> _order = new();
    private readonly HashSet<ulong> _set = [];

    /// <summary>Whether events may have been forgotten.</summary>
    public bool IsFull => _order.Count >= Capacity;

    /// <summary>Hash of an event: ids are unique within a user only.</summary>
    public static ulong HashOf(string userId, string eventId) => ItemKey.Of($"{userId}\n{eventId}");

    public bool Contains(ulong hash) => _set.Contains(hash);

    public void Add(ulong hash)
    {
        if (!_set.Add(hash))
            return;
        _order.Enqueue(hash);
        if (_order.Count > Capacity)
            _set.Remove(_order.Dequeue());
    }

    public byte[] Pack()
    {
        var bytes = new byte[_order.Count * sizeof(ulong)];
        var i = 0;
        foreach (var hash in _order)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i++ * sizeof(ulong)), hash);
        return bytes;
    }

    public static RecentEventIds Unpack(ReadOnlySpan<byte> bytes)
    {
        var ids = new RecentEventIds();
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            ids.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        return ids;
    }
}
