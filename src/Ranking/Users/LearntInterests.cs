namespace KgOrleans.Ranking.Users;

/// <summary>How a bounded list of learnt interests grows and shrinks.</summary>
internal static class LearntInterests
{
    /// <summary>Share of a weight that a loss of its half-life leaves.</summary>
    public static float Decay(long elapsedMs) =>
        elapsedMs <= 0 ? 1f : (float)double.Exp2(-elapsedMs / UserStateUpdater.InterestHalfLife.TotalMilliseconds);

    /// <summary>Adds a weight as of a time (unix milliseconds). A full list drops its weakest; old and weak interests do not push out newer ones.</summary>
    public static void Learn(List<LearntInterest> interests, string id, float weight, long at)
    {
        var i = interests.FindIndex(x => x.Id == id);
        if (i >= 0)
        {
            interests[i] = Sum(interests[i], weight, at);
            return;
        }
        if (interests.Count >= UserStateUpdater.InterestCount)
        {
            // As of the newest: an event that arrives late is judged by what it means today.
            var now = at;
            foreach (var interest in interests)
                now = Math.Max(now, interest.At);
            var weakest = 0;
            for (var j = 1; j < interests.Count; j++)
            {
                if (Math.Abs(UserStateUpdater.WeightAt(interests[j], now)) < Math.Abs(UserStateUpdater.WeightAt(interests[weakest], now)))
                    weakest = j;
            }
            if (at < interests[weakest].At && Math.Abs(weight) * Decay(now - at) < Math.Abs(UserStateUpdater.WeightAt(interests[weakest], now)))
                return;
            interests.RemoveAt(weakest);
        }
        interests.Add(new LearntInterest(id, weight, at));
    }

    /// <summary>Takes back a weight that was learnt as of a time. What rounding leaves of it is no interest.</summary>
    public static void Unlearn(List<LearntInterest> interests, string id, float weight, long at)
    {
        var i = interests.FindIndex(x => x.Id == id);
        if (i < 0)
            return;
        var left = Sum(interests[i], -weight, at);
        if (Math.Abs(left.Weight) > Math.Abs(weight) * Decay(left.At - at) * 1e-4f)
            interests[i] = left;
        else
            interests.RemoveAt(i);
    }

    private static LearntInterest Sum(LearntInterest old, float weight, long at)
    {
        var newest = Math.Max(old.At, at);
        return new LearntInterest(old.Id, (old.Weight * Decay(newest - old.At)) + (weight * Decay(newest - at)), newest);
    }
}
