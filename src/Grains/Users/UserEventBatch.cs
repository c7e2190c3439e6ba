using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage.Events;

namespace KgOrleans.Grains.Users;

/// <summary>The events of some writes of one user, on their way through the event log into the user's state.</summary>
internal sealed class UserEventBatch
{
    private readonly List<Entry> _entries = [];
    private IReadOnlyDictionary<string, ItemFacts?> _facts = new Dictionary<string, ItemFacts?>();

    /// <summary>All events of the writes, in order.</summary>
    public UserEventBatch(IEnumerable<PendingUserWrite> writes)
    {
        foreach (var write in writes)
        {
            for (var i = 0; i < write.Events.Length; i++)
                _entries.Add(new Entry(write, i, write.Events[i], write.Payloads[i]));
        }
    }

    /// <summary>Whether no event is left to record.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Ids of the items that the events name.</summary>
    public IEnumerable<string> ItemIds => _entries.Select(e => e.Event.ItemId);

    /// <summary>Keeps the events whose items are known and settles the others.</summary>
    /// <param name="facts">Facts by item id: null for an item that does not exist, no entry when nobody could say.</param>
    public void KeepKnown(IReadOnlyDictionary<string, ItemFacts?> facts)
    {
        _facts = facts;
        _entries.RemoveAll(e =>
        {
            var answered = facts.TryGetValue(e.Event.ItemId, out var item);
            if (item is null)
                e.Owner.Statuses[e.Index] = answered ? EventStatus.UnknownItem : EventStatus.Unavailable;
            return item is null;
        });
    }

    /// <summary>Refuses events dated before the user's erasure: what was erased does not come back by being sent again.</summary>
    /// <param name="erasedAt">Time of the erasure, unix milliseconds; 0 when there was none.</param>
    public void KeepAfter(long erasedAt) => _entries.RemoveAll(e =>
    {
        var isErased = e.Event.Timestamp!.Value.ToUnixTimeMilliseconds() < erasedAt;
        if (isErased)
            e.Owner.Statuses[e.Index] = EventStatus.BeforeErasure;
        return isErased;
    });

    /// <summary>
    /// Writes into the events that are left what they count, which the log keeps with them, and settles undos of what was never done. It is decided here and
    /// nowhere else; state, counters and replay go by what the log says.
    /// </summary>
    /// <param name="state">The user's state before the events.</param>
    /// <param name="seen">The user's seen set before the events.</param>
    public void Mark(UserState state, SeenSet seen)
    {
        var marks = new EventMarks(state, seen);
        var kept = new List<Entry>(_entries.Count);
        foreach (var entry in _entries)
        {
            if (marks.Mark(entry.Event, _facts[entry.Event.ItemId]!) is not { } marked)
                entry.Owner.Statuses[entry.Index] = EventStatus.NothingToUndo;
            else if (ReferenceEquals(marked, entry.Event))
                kept.Add(entry);
            else
                kept.Add(entry with { Event = marked, Payload = JsonSerializer.SerializeToUtf8Bytes(marked, KgJson.Options) });
        }
        _entries.Clear();
        _entries.AddRange(kept);
    }

    /// <summary>What the event log is to hold of the events that are left.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="erasures">How often the user was erased: an event from before an erasure is new after it.</param>
    public List<EventEntry> ForLog(string userId, int erasures) =>
        _entries.ConvertAll(e => new EventEntry(Key64.Of($"{userId}\n{erasures}\n{e.Event.EventId}"), e.Payload));

    /// <summary>Settles the events that are left and applies those that the state lacks.</summary>
    /// <param name="appended">Where the log has them.</param>
    /// <param name="state">The user's state; changed.</param>
    /// <param name="seen">The user's seen set; changed.</param>
    public void Apply(EventAppendResult appended, UserState state, SeenSet seen)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            var entry = _entries[i];
            entry.Owner.Statuses[entry.Index] = appended.IsDuplicate(i) ? EventStatus.Duplicate : EventStatus.Accepted;
            // An event above the applied position is missing from the state, also when it is a duplicate: a crash may have come between the two writes.
            if (appended.Positions[i] <= state.AppliedPosition)
                continue;
            UserStateUpdater.Apply(state, seen, entry.Event, _facts[entry.Event.ItemId]!);
            state.AppliedPosition = appended.Positions[i];
        }
    }

    // Event and payload are what the log is to hold.
    private readonly record struct Entry(PendingUserWrite Owner, int Index, UserEvent Event, byte[] Payload);
}
