namespace KgOrleans.Ranking.Users;

/// <summary>An interest learnt from events: a weight that halves every <see cref="UserStateUpdater.InterestHalfLife"/>, as it was at a time.</summary>
/// <param name="Id">Tag, creator or song.</param>
/// <param name="Weight">Weight at <paramref name="At"/>; may be negative.</param>
/// <param name="At">Unix milliseconds.</param>
public sealed record LearntInterest(string Id, float Weight, long At);
