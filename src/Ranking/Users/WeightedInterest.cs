using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>An interest with its weight at the time of a request.</summary>
/// <param name="Id">Tag, creator or song.</param>
/// <param name="Key">Its <see cref="Key64"/>.</param>
/// <param name="Weight">Positive weight.</param>
public readonly record struct WeightedInterest(string Id, ulong Key, float Weight);
