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
                _entries.Add(new Entry(write, i));
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

    /// <summary>What the event log is to hold of the events that are left.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="erasures">How often the user was erased: an event from before an erasure is new after it.</param>
    public List<EventEntry> ForLog(string userId, int erasures) =>
        _entries.ConvertAll(e => new EventEntry(Key64.Of($"{userId}\n{erasures}\n{e.Event.EventId}"), e.Owner.Payloads[e.Index]));

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

    private readonly record struct Entry(PendingUserWrite Owner, int Index)
    {
        public UserEvent Event => Owner.Events[Index];
    }
}
