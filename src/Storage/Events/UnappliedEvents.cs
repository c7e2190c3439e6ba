using System.Runtime.InteropServices;

namespace KgOrleans.Storage.Events;

/// <summary>Events of one partition that are durable in the log and may be missing from their users' states: their positions by user.</summary>
internal sealed class UnappliedEvents
{
    private readonly Dictionary<ulong, List<long>> _byUser = [];

    /// <summary>The first position of all; null when every event is applied.</summary>
    public long? First => _byUser.Count == 0 ? null : _byUser.Values.Min(positions => positions[0]);

    /// <summary>Adds an event of a user.</summary>
    public void Add(ulong user, long position)
    {
        ref var positions = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, user, out _);
        positions ??= new List<long>(1);
        // Two appends of one user may settle in either order.
        var place = positions.BinarySearch(position);
        if (place < 0)
            positions.Insert(~place, position);
    }

    /// <summary>Positions of a user's events above a position, in order.</summary>
    public long[] Of(ulong user, long after) =>
        _byUser.TryGetValue(user, out var positions) ? [.. positions.Where(position => position > after)] : [];

    /// <summary>Removes a user's events up to a position.</summary>
    public void Remove(ulong user, long upTo)
    {
        if (!_byUser.TryGetValue(user, out var positions))
            return;
        positions.RemoveAll(position => position <= upTo);
        if (positions.Count == 0)
            _byUser.Remove(user);
    }
}
