using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Interfaces;

/// <summary><see cref="WeightedInterest"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("kg.InterestSurrogate")]
public struct InterestSurrogate
{
    [Id(0)] internal string Id;
    [Id(1)] internal ulong Key;
    [Id(2)] internal float Weight;
}
