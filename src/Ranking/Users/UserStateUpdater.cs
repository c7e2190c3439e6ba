using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>How events change a user's state. Serving and replay run the same code, so that a model meets in serving what it was trained on.</summary>
public static class UserStateUpdater
{
    /// <summary>Most events kept in the history.</summary>
    public const int HistoryLength = 128;

    /// <summary>Most learnt interests kept of each sort; the weakest are dropped first.</summary>
    public const int InterestCount = 128;

    /// <summary>A learnt interest loses half its weight in this time.</summary>
    public static TimeSpan InterestHalfLife => EventTypes.Table.InterestHalfLife;

    /// <summary>Applies one event to the state and to the open seen set; the caller packs that set into the state before it writes.</summary>
    /// <param name="state">State to change.</param>
    /// <param name="seen">The open seen set of the same user.</param>
    /// <param name="e">A completed event (<see cref="EventValidator.Complete"/>).</param>
    /// <param name="item">Facts of its item.</param>
    public static void Apply(UserState state, SeenSet seen, UserEvent e, ItemFacts item)
    {
        var at = e.Timestamp!.Value.ToUnixTimeMilliseconds();
        state.Version++;
        state.LastEventAt = Math.Max(state.LastEventAt, at);
        if (e.Type == EventType.Retired)
            return;
        if (e.IsUndo)
            TakeBack(state, seen, e, item, at);
        else
            Add(state, seen, e, item, at);
    }

    /// <summary>Takes back that creators are followed, as a profile that no longer names them says. Item counters stay: no event says so.</summary>
    public static void Unfollow(UserState state, IReadOnlySet<string> creatorIds)
    {
        for (var i = state.History.Count - 1; i >= 0; i--)
        {
            var entry = state.History[i];
            if (entry.Type != EventType.Follow || !creatorIds.Contains(entry.CreatorId))
                continue;
            Unlearn(state, entry);
            state.History.RemoveAt(i);
        }
    }

    /// <summary>Weight of a learnt interest at a time (unix milliseconds); a time before the interest's own counts as that time.</summary>
    public static float WeightAt(LearntInterest interest, long now) => interest.Weight * LearntInterests.Decay(now - interest.At);

    private static void Add(UserState state, SeenSet seen, UserEvent e, ItemFacts item, long at)
    {
        var (key, value) = (Key64.Of(item.ItemId), e.Value ?? 0);
        state.Count(e.Type, 1);
        seen.Add(key, (int)e.Type, at);
        if (e.Type == EventType.Impression)
            return;

        if (EventTypes.Of(e.Type).Undo)
            state.OpenReactions.Set(key, e.Type, state.OpenReactions.Of(key, e.Type).Done(at, e.Repeat != true));
        else if (EventTypes.IsPositive(e.Type, value) && e.Repeat != true)
            seen.SetPlayCounted(key);
        var entry = new HistoryEntry(item.ItemId, e.Type, (float)value, at, item.CreatorId, item.SongId, item.Tags);
        Remember(state.History, entry);
        Learn(state, entry);
        if (e.Type == EventType.Follow)
            Follow(state, item.CreatorId, at);
        if (EventTypes.IsPositive(e.Type, value) && item.Content.Length > 0)
            ContentMeans.Add(state, at, item.Content);
    }

    private static void TakeBack(UserState state, SeenSet seen, UserEvent e, ItemFacts item, long at)
    {
        var items = EventMarks.ItemsOf(state, e.Type, item).ToHashSet();
        var taken = 0;
        for (var i = state.History.Count - 1; i >= 0; i--)
        {
            var entry = state.History[i];
            if (entry.Type != e.Type || !items.Contains(entry.ItemId))
                continue;
            taken++;
            Unlearn(state, entry);
            // Of the other items that a creator was followed from, the content is not at hand.
            if (entry.ItemId == item.ItemId && EventTypes.IsPositive(entry.Type, entry.Value))
                ContentMeans.Remove(state, entry.At, item.Content);
            state.History.RemoveAt(i);
        }
        foreach (var id in items)
        {
            var key = Key64.Of(id);
            var reaction = state.OpenReactions.Of(key, e.Type);
            // The history has forgotten it: the item's facts of today stand in for those of then.
            if (id == item.ItemId && taken == 0 && reaction.CountedAt != 0)
            {
                taken++;
                Unlearn(state, new HistoryEntry(id, e.Type, 0, reaction.CountedAt, item.CreatorId, item.SongId, item.Tags));
            }
            if (reaction.Turns > 0)
                state.OpenReactions.Set(key, e.Type, reaction.TakenBack(at));
            seen.Remove(key, e.Type);
        }
        state.Count(e.Type, -taken);
        if (e.Type == EventType.Follow)
            state.RemoveFollow(item.CreatorId);
    }

    // By time, so that events which arrive late stand where they belong and push out nothing newer.
    private static void Remember(List<HistoryEntry> history, HistoryEntry entry)
    {
        var place = history.Count;
        while (place > 0 && history[place - 1].At > entry.At)
            place--;
        history.Insert(place, entry);
        if (history.Count > HistoryLength)
            history.RemoveAt(0);
    }

    private static void Follow(UserState state, string creatorId, long at)
    {
        if (state.FollowsInEffect().Contains(creatorId))
            return;
        state.Followed.Add(creatorId);
        state.FollowedAt.Add(at);
        state.ProfileVersion++;
        if (state.Followed.Count > Limits.UserLinks)
            state.RemoveFollow(state.Followed[state.FollowedAt.IndexOf(state.FollowedAt.Min())]);
    }

    private static void Learn(UserState state, HistoryEntry entry)
    {
        if (EventTypes.InterestOf(entry.Type, entry.Value) is var weight and not 0)
            ForEachInterest(state, entry, (interests, id) => LearntInterests.Learn(interests, id, weight, entry.At));
    }

    private static void Unlearn(UserState state, HistoryEntry entry)
    {
        if (EventTypes.InterestOf(entry.Type, entry.Value) is var weight and not 0)
            ForEachInterest(state, entry, (interests, id) => LearntInterests.Unlearn(interests, id, weight, entry.At));
    }

    private static void ForEachInterest(UserState state, HistoryEntry entry, Action<List<LearntInterest>, string> change)
    {
        change(state.Creators, entry.CreatorId);
        if (entry.SongId is not null)
            change(state.Songs, entry.SongId);
        foreach (var tag in entry.Tags)
            change(state.Tags, tag);
    }
}
