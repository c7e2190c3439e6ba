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

    /// <summary>A learnt interest loses half its weight in this time: taste in songs changes over weeks, not hours.</summary>
    public static readonly TimeSpan InterestHalfLife = TimeSpan.FromDays(14);

    // Steps of the moving means: about the last 30 and the last 5 liked items.
    private const float LongStep = 1f / 30;
    private const float ShortStep = 1f / 5;

    /// <summary>Applies one event to the state and to the open seen set; the caller packs that set into the state before it writes.</summary>
    /// <param name="state">State to change.</param>
    /// <param name="seen">The open seen set of the same user.</param>
    /// <param name="e">A completed event (<see cref="EventValidator.Complete"/>).</param>
    /// <param name="item">Facts of its item.</param>
    public static void Apply(UserState state, SeenSet seen, UserEvent e, ItemFacts item)
    {
        var at = e.Timestamp!.Value.ToUnixTimeMilliseconds();
        var value = e.Value ?? 0;
        state.Version++;
        state.Counts[(int)e.Type]++;
        state.LastEventAt = Math.Max(state.LastEventAt, at);
        seen.Add(Key64.Of(item.ItemId), (int)e.Type, at);
        if (e.Type == EventType.Impression)
            return;

        state.History.Add(new HistoryEntry(item.ItemId, e.Type, (float)value, at, item.CreatorId, item.SongId, item.Tags));
        if (state.History.Count > HistoryLength)
            state.History.RemoveRange(0, state.History.Count - HistoryLength);

        var weight = EventTypes.InterestOf(e.Type, value);
        if (weight != 0)
        {
            Learn(state.Creators, item.CreatorId, weight, at);
            if (item.SongId is not null)
                Learn(state.Songs, item.SongId, weight, at);
            foreach (var tag in item.Tags)
                Learn(state.Tags, tag, weight, at);
        }
        if (e.Type == EventType.Follow && !state.Followed.Contains(item.CreatorId))
        {
            state.Followed.Add(item.CreatorId);
            if (state.Followed.Count > Limits.UserLinks)
                state.Followed.RemoveAt(0);
        }
        if (EventTypes.IsPositive(e.Type, value) && item.Content.Length > 0)
        {
            // A plain mean until the window is full: with a fixed step the first item would keep a third of the weight for dozens of plays.
            var liked = state.History.Count(h => EventTypes.IsPositive(h.Type, h.Value));
            state.ContentLong = Move(state.ContentLong, item.Content, Math.Max(LongStep, 1f / liked));
            state.ContentShort = Move(state.ContentShort, item.Content, Math.Max(ShortStep, 1f / liked));
        }
    }

    /// <summary>Weight of a learnt interest at a time (unix milliseconds); a time before the interest's own counts as that time.</summary>
    public static float WeightAt(LearntInterest interest, long now) =>
        interest.Weight * Decay(now - interest.At);

    private static float Decay(long elapsedMs) =>
        elapsedMs <= 0 ? 1f : (float)double.Exp2(-elapsedMs / InterestHalfLife.TotalMilliseconds);

    private static void Learn(List<LearntInterest> interests, string id, float weight, long at)
    {
        var i = interests.FindIndex(x => x.Id == id);
        if (i >= 0)
        {
            var old = interests[i];
            var newest = Math.Max(old.At, at);
            interests[i] = new LearntInterest(id, (old.Weight * Decay(newest - old.At)) + (weight * Decay(newest - at)), newest);
            return;
        }
        if (interests.Count >= InterestCount)
        {
            var weakest = 0;
            for (var j = 1; j < interests.Count; j++)
            {
                if (Math.Abs(WeightAt(interests[j], at)) < Math.Abs(WeightAt(interests[weakest], at)))
                    weakest = j;
            }
            interests.RemoveAt(weakest);
        }
        interests.Add(new LearntInterest(id, weight, at));
    }

    private static float[] Move(float[] mean, float[] vector, float step)
    {
        if (mean.Length != vector.Length)
            return (float[])vector.Clone();
        var moved = new float[mean.Length];
        for (var i = 0; i < moved.Length; i++)
            moved[i] = mean[i] + (step * (vector[i] - mean[i]));
        return moved;
    }
}
