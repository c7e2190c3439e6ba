using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// Decides what the next events of a user count, before they go into the event log: the log alone says it afterwards, to counters, replay and the user's own
/// state. Events that follow each other are marked by one object; it leaves the state as it is.
/// </summary>
public sealed class EventMarks(UserState state, SeenSet seen)
{
    private readonly Dictionary<(ulong Item, EventType Type), Reaction> _reactions = [];
    private readonly HashSet<ulong> _plays = [];
    private readonly List<(string ItemId, string CreatorId)> _follows = [];

    /// <summary>The event as the log is to keep it; null for an undo when the user has never done what it takes back.</summary>
    /// <param name="e">A completed event (<see cref="EventValidator.Complete"/>). One that is marked already stays as it is.</param>
    /// <param name="item">Facts of its item.</param>
    public UserEvent? Mark(UserEvent e, ItemFacts item)
    {
        if (e.Repeat == true || e.TakesBack is not null)
            return e;
        var key = Key64.Of(item.ItemId);
        if (e.Type == EventType.Play)
            return EventTypes.IsPositive(e.Type, e.Value ?? 0) && !(_plays.Add(key) && !seen.IsPlayCounted(key)) ? e with { Repeat = true } : e;
        if (!EventTypes.Of(e.Type).Undo)
            return e;
        var reaction = Of(key, e.Type);
        return e.IsUndo ? Undo(e, item, reaction) : Do(e, item, key, reaction);
    }

    /// <summary>The items whose events of the type an undo takes back: those of the same creator for a follow, else the item itself.</summary>
    internal static IEnumerable<string> ItemsOf(UserState state, EventType type, ItemFacts item) =>
        state.History.Where(h => h.Type == type && type == EventType.Follow && h.CreatorId == item.CreatorId).Select(h => h.ItemId)
            .Append(item.ItemId).Distinct();

    private UserEvent Do(UserEvent e, ItemFacts item, ulong key, Reaction reaction)
    {
        _reactions[(key, e.Type)] = reaction.Done(e.Timestamp!.Value.ToUnixTimeMilliseconds(), reaction.Counts);
        if (e.Type == EventType.Follow)
            _follows.Add((item.ItemId, item.CreatorId));
        var id = IdOf(e, reaction);
        return id == e.EventId && reaction.Counts ? e : e with { EventId = id, Repeat = reaction.Counts ? null : true };
    }

    private UserEvent? Undo(UserEvent e, ItemFacts item, Reaction reaction)
    {
        var isFollow = e.Type == EventType.Follow;
        var items = ItemsOf(state, e.Type, item).Concat(_follows.Where(f => isFollow && f.CreatorId == item.CreatorId).Select(f => f.ItemId)).Distinct();
        var takesBack = new List<CountedEvent>();
        // The seen set may remember what the reactions have forgotten, so that a dislike of long ago can be taken back too.
        var isKnown = reaction.Turns > 0 || (isFollow && state.FollowsInEffect().Contains(item.CreatorId))
            || (!_reactions.ContainsKey((Key64.Of(item.ItemId), e.Type)) && seen.Has(Key64.Of(item.ItemId), e.Type));
        foreach (var id in items)
        {
            var key = Key64.Of(id);
            var known = Of(key, e.Type);
            isKnown |= known.IsOn;
            if (known.CountedAt != 0)
                takesBack.Add(new CountedEvent(id, known.CountedAt));
            _reactions[(key, e.Type)] = known.TakenBack(e.Timestamp!.Value.ToUnixTimeMilliseconds());
        }
        return isKnown ? e with { EventId = IdOf(e, reaction), TakesBack = takesBack } : null;
    }

    /// <summary>Without an id of its own a second like after an undo would be the first one over again.</summary>
    private static string IdOf(UserEvent e, Reaction reaction) =>
        e.HasOwnId() || reaction.Generation(e.IsUndo) is not (> 0 and var generation) ? e.IdOrHash() : $"{e.IdOrHash()}:{generation}";

    private Reaction Of(ulong key, EventType type) =>
        _reactions.TryGetValue((key, type), out var reaction) ? reaction : state.OpenReactions.Of(key, type);
}
