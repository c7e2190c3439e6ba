namespace KgOrleans.Ranking.Users;

/// <summary>An interest learnt from events. Its weight halves every <see cref="UserStateUpdater.InterestHalfLife"/>; this is the weight at one time.</summary>
/// <param name="Id">Tag, creator or song.</param>
/// <param name="Weight">Weight at <paramref name="At"/>; may be negative.</param>
/// <param name="At">Unix milliseconds.</param>
public sealed record LearntInterest(string Id, float Weight, long At);
