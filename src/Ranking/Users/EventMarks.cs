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
    private List<ulong>? _liked;

    /// <summary>The event as the log is to keep it; null for an undo when the user has never done what it takes back.</summary>
    /// <param name="e">A completed event (<see cref="EventValidator.Complete"/>). One that is marked already stays as it is.</param>
    /// <param name="item">Facts of its item.</param>
    /// <param name="isNamed">Whether the caller gave the event its id, as far as known; without it, an id that looks made counts as made.</param>
    public UserEvent? Mark(UserEvent e, ItemFacts item, bool? isNamed = null)
    {
        if (e.Repeat == true || e.TakesBack is not null || e.PairedWith is not null)
            return e;
        var isFirst = !e.IsUndo && EventTypes.IsPositive(e.Type, e.Value ?? 0) && !IsLiked(Key64.Of(item.ItemId));
        var marked = Count(e, item, isNamed ?? e.HasOwnId());
        return isFirst && marked is { Repeat: not true } ? marked with { PairedWith = Pairs(Key64.Of(item.ItemId)) } : marked;
    }

    private UserEvent? Count(UserEvent e, ItemFacts item, bool isNamed)
    {
        var key = Key64.Of(item.ItemId);
        if (e.Type == EventType.Play)
            return EventTypes.IsPositive(e.Type, e.Value ?? 0) && !(_plays.Add(key) && !seen.IsPlayCounted(key)) ? e with { Repeat = true } : e;
        if (!EventTypes.Of(e.Type).Undo)
            return e;
        var reaction = Of(key, e.Type);
        return e.IsUndo ? Undo(e, item, reaction, isNamed) : Do(e, item, key, reaction, isNamed);
    }

    // By what counted before, which reaches further back than the history.
    private bool IsLiked(ulong key)
    {
        if (_plays.Contains(key) || seen.IsPlayCounted(key))
            return true;
        foreach (var type in EventTypes.All)
        {
            if (type is { Undo: true, Interest: > 0 } && Of(key, type.Type).Turns > 0)
                return true;
        }
        return false;
    }

    private byte[] Pairs(ulong item)
    {
        // Newest last.
        _liked ??= [.. state.Liked().Reverse().Select(h => Key64.Of(h.ItemId))];
        var partials = new List<ulong>(ItemPairs.Most);
        for (var i = _liked.Count - 1; i >= 0 && partials.Count < ItemPairs.Most; i--)
        {
            if (_liked[i] != item && PartialKey.Of(_liked[i]) is var partial && !partials.Contains(partial))
                partials.Add(partial);
        }
        _liked.Add(item);
        return PartialKey.Pack(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(partials));
    }

    /// <summary>The items whose events of the type an undo takes back: those of the same creator for a follow, else the item itself.</summary>
    internal static IEnumerable<string> ItemsOf(UserState state, EventType type, ItemFacts item) =>
        state.History.Where(h => h.Type == type && type == EventType.Follow && h.CreatorId == item.CreatorId).Select(h => h.ItemId)
            .Append(item.ItemId).Distinct();

    private UserEvent Do(UserEvent e, ItemFacts item, ulong key, Reaction reaction, bool isNamed)
    {
        _reactions[(key, e.Type)] = reaction.Done(e.Timestamp!.Value.ToUnixTimeMilliseconds(), reaction.Counts);
        if (e.Type == EventType.Follow)
            _follows.Add((item.ItemId, item.CreatorId));
        var id = IdOf(e, reaction, isNamed);
        return id == e.EventId && reaction.Counts ? e : e with { EventId = id, Repeat = reaction.Counts ? null : true };
    }

    private UserEvent? Undo(UserEvent e, ItemFacts item, Reaction reaction, bool isNamed)
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
        return isKnown ? e with { EventId = IdOf(e, reaction, isNamed), TakesBack = takesBack } : null;
    }

    /// <summary>Without an id of its own a second like after an undo would be the first one over again.</summary>
    private static string IdOf(UserEvent e, Reaction reaction, bool isNamed) =>
        isNamed || reaction.Generation(e.IsUndo) is not (> 0 and var generation) ? e.IdOrHash() : $"{e.IdOrHash()}:{generation}";

    private Reaction Of(ulong key, EventType type) =>
        _reactions.TryGetValue((key, type), out var reaction) ? reaction : state.OpenReactions.Of(key, type);
}
