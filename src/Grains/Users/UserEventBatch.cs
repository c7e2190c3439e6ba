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
    private readonly Dictionary<long, Entry> _byPosition = [];
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

    /// <summary>The last position that an event of the batch has in the log.</summary>
    public long LastPosition => _entries.Max(e => e.Position);

    /// <summary>Keeps the events whose items are known and settles the others.</summary>
    /// <param name="facts">Facts by item id: null for an item that does not exist, no entry when nobody could say.</param>
    public void KeepKnown(IReadOnlyDictionary<string, ItemFacts?> facts)
    {
        _facts = facts;
        _entries.RemoveAll(e =>
        {
            var answered = facts.TryGetValue(e.Event.ItemId, out var item);
            if (item is null)
                e.Status = answered ? EventStatus.UnknownItem : EventStatus.Unavailable;
            return item is null;
        });
    }

    /// <summary>Gives events without id and time the id of an equal one that has just arrived, or one of their own.</summary>
    /// <param name="arrivals">Events of that kind that the state has.</param>
    public void NameArrivals(IEnumerable<ArrivedEvent> arrivals)
    {
        var known = arrivals.ToList();
        foreach (var entry in _entries)
        {
            if (entry.Filled != (EventFilled.Id | EventFilled.Timestamp))
                continue;
            entry.Replace(entry.Event with { EventId = Arrivals.IdOf(known, entry.Event) });
            Arrivals.Add(known, entry.Event);
        }
    }

    /// <summary>Refuses events dated before the user's erasure: what was erased does not come back by being sent again.</summary>
    /// <param name="erasedAt">Time of the erasure, unix milliseconds; 0 when there was none.</param>
    public void KeepAfter(long erasedAt) => _entries.RemoveAll(e =>
    {
        var isErased = e.Event.Timestamp!.Value.ToUnixTimeMilliseconds() < erasedAt;
        if (isErased)
            e.Status = EventStatus.BeforeErasure;
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
        _entries.RemoveAll(entry =>
        {
            var marked = marks.Mark(entry.Event, _facts[entry.Event.ItemId]!, !entry.Filled.HasFlag(EventFilled.Id));
            if (marked is null)
                entry.Status = EventStatus.NothingToUndo;
            else if (!ReferenceEquals(marked, entry.Event))
                entry.Replace(marked);
            return marked is null;
        });
    }

    /// <summary>What the event log is to hold of the events that are left.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="erasures">How often the user was erased: an event from before an erasure is new after it.</param>
    public List<EventEntry> ForLog(string userId, int erasures) =>
        _entries.ConvertAll(e => new EventEntry(Key64.Of($"{userId}\n{erasures}\n{e.Event.EventId}"), e.Payload));

    /// <summary>Notes where the log has the events.</summary>
    public void Appended(EventAppendResult appended)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            (_entries[i].Position, _entries[i].Status) = (appended.Positions[i], appended.IsDuplicate(i) ? EventStatus.Duplicate : EventStatus.Accepted);
            if (!appended.IsDuplicate(i))
                _byPosition.Add(appended.Positions[i], _entries[i]);
        }
    }

    /// <summary>The event that this batch appended at a position, and its item.</summary>
    public bool TryGet(long position, out UserEvent e, out ItemFacts item)
    {
        var found = _byPosition.TryGetValue(position, out var entry);
        (e, item) = found ? (entry!.Event, _facts[entry.Event.ItemId]!) : (null!, null!);
        return found;
    }

    /// <summary>
    /// Settles the duplicates: an id that stands for another event is refused. A repeat that says no time has happened again now, so that the item stays seen
    /// from this answer on.
    /// </summary>
    /// <param name="recorded">Reads the event at a position of the log.</param>
    /// <param name="seen">The user's seen set; changed.</param>
    /// <returns>Whether the seen set was changed.</returns>
    public async Task<bool> SettleDuplicates(Func<long, Task<UserEvent>> recorded, SeenSet seen)
    {
        var changed = false;
        foreach (var entry in _entries.Where(e => e.Status == EventStatus.Duplicate))
        {
            // An id that was made from the event stands for nothing else.
            if (!entry.Filled.HasFlag(EventFilled.Id))
            {
                var before = AsSent(_byPosition.TryGetValue(entry.Position, out var first) ? first.Event : await recorded(entry.Position));
                var now = AsSent(entry.Event);
                if (before != (entry.Filled.HasFlag(EventFilled.Timestamp) ? now with { Timestamp = before.Timestamp } : now))
                {
                    entry.Status = EventStatus.IdConflict;
                    continue;
                }
            }
            var (key, e) = (Key64.Of(entry.Event.ItemId), entry.Event);
            // What can be taken back may have been since.
            if (!entry.Filled.HasFlag(EventFilled.Timestamp) || e.IsUndo || (EventTypes.Of(e.Type).Undo && !seen.Has(key, e.Type)))
                continue;
            seen.Add(key, (int)e.Type, e.Timestamp!.Value.ToUnixTimeMilliseconds());
            changed = true;
        }
        return changed;
    }

    // Without what the log adds.
    private static UserEvent AsSent(UserEvent e) => e with { EventId = null, Repeat = null, TakesBack = null, PairedWith = null };

    private sealed class Entry(PendingUserWrite owner, int index)
    {
        public UserEvent Event { get; private set; } = owner.Events[index];

        public byte[] Payload { get; private set; } = owner.Payloads[index];

        public EventFilled Filled => index < owner.Filled.Length ? owner.Filled[index] : EventFilled.None;

        public long Position { get; set; }

        public EventStatus Status
        {
            get => owner.Statuses[index];
            set => owner.Statuses[index] = value;
        }

        /// <summary>Sets what the log is to hold instead of what was sent.</summary>
        public void Replace(UserEvent completed)
        {
            Event = completed;
            Payload = JsonSerializer.SerializeToUtf8Bytes(Event, KgJson.Options);
        }
    }
}
