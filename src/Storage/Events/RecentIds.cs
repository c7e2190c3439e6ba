namespace KgOrleans.Storage.Events;

/// <summary>The newest <paramref name="capacity"/> distinct ids: a set, and a ring that says which to forget.</summary>
internal sealed class RecentIds(int capacity)
{
    private readonly HashSet<ulong> _ids = [];
    private readonly Queue<ulong> _order = new();

    public bool Contains(ulong id) => _ids.Contains(id);

    public void Add(ulong id)
    {
        if (!_ids.Add(id))
            return;
        if (_order.Count == capacity)
            _ids.Remove(_order.Dequeue());
        _order.Enqueue(id);
    }
}
