namespace KgOrleans.Ranking.Users;

/// <summary>How a bounded list of learnt interests grows and shrinks.</summary>
internal static class LearntInterests
{
    // The strongest interest of a user does not fall below 2^-4 of an event of weight 1, four half-lives: then all of them keep what they are.
    private const double LeastStrength = -4;

    /// <summary>
    /// By how many half-lives the learnt interests of a user are raised at a time: 0 while the strongest is strong enough, and from there on as many as keep it
    /// so. All are raised alike, so that their proportions hold however long the user was away.
    /// </summary>
    public static double Raised(UserState state, long now)
    {
        var strongest = double.NegativeInfinity;
        foreach (var list in (ReadOnlySpan<List<LearntInterest>>)[state.Tags, state.Creators, state.Songs])
        {
            foreach (var interest in list)
            {
                if (interest.Weight > 0)
                    strongest = Math.Max(strongest, Strength(interest, now));
            }
        }
        return double.IsFinite(strongest) ? Math.Max(0, LeastStrength - strongest) : 0;
    }

    /// <summary>Weight of an interest at a time (unix milliseconds), raised by some half-lives; a time before the interest's own counts as that time.</summary>
    public static float WeightAt(LearntInterest interest, long now, double raised) =>
        (float)(interest.Weight * double.Exp2(raised - HalfLives(interest, now)));

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
            // As of the newest: an event that arrives late is judged by what it means today. Logarithms tell weights apart that are years old.
            var now = at;
            foreach (var interest in interests)
                now = Math.Max(now, interest.At);
            var weakest = 0;
            for (var j = 1; j < interests.Count; j++)
            {
                if (Strength(interests[j], now) < Strength(interests[weakest], now))
                    weakest = j;
            }
            if (at < interests[weakest].At && Strength(new LearntInterest(id, weight, at), now) < Strength(interests[weakest], now))
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

    private static double Strength(LearntInterest interest, long now) => Math.Log2(Math.Abs(interest.Weight)) - HalfLives(interest, now);

    private static double HalfLives(LearntInterest interest, long now) =>
        Math.Max(0, now - interest.At) / UserStateUpdater.InterestHalfLife.TotalMilliseconds;

    private static LearntInterest Sum(LearntInterest old, float weight, long at)
    {
        var newest = Math.Max(old.At, at);
        return new LearntInterest(old.Id, (old.Weight * Decay(newest - old.At)) + (weight * Decay(newest - at)), newest);
    }
}
