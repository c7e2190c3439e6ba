namespace KgOrleans.Storage.Events;

/// <summary>The newest <paramref name="capacity"/> distinct ids with their positions: a dictionary, and a ring that says which to forget.</summary>
internal sealed class RecentIds(int capacity)
{
    private readonly Dictionary<ulong, long> _positions = [];
    private readonly Queue<ulong> _order = new();

    /// <summary>Where an id was appended the first time; false when it is not among the newest.</summary>
    public bool TryGetPosition(ulong id, out long position) => _positions.TryGetValue(id, out position);

    public void Add(ulong id, long position)
    {
        if (!_positions.TryAdd(id, position))
            return;
        if (_order.Count == capacity)
            _positions.Remove(_order.Dequeue());
        _order.Enqueue(id);
    }

    /// <summary>All of them, oldest first.</summary>
    public RecentId[] ToArray()
    {
        var ids = new RecentId[_order.Count];
        var next = 0;
        foreach (var id in _order)
            ids[next++] = new RecentId(id, _positions[id]);
        return ids;
    }
}
