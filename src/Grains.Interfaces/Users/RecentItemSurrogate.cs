using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Interfaces;

/// <summary><see cref="RecentItem"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("kg.RecentWorkSurrogate")]
public struct RecentItemSurrogate
{
    [Id(0)] internal ulong Creator;
    [Id(1)] internal ulong Song;
    [Id(2)] internal ulong[] Tags;
}
