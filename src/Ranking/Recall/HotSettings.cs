using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>The hot channel.</summary>
public sealed record HotSettings : ChannelSettings
{
    /// <summary>Shortest half-life.</summary>
    public const double ShortestHours = HotMoment.ShortestHours;

    /// <summary>Longest half-life.</summary>
    public const double LongestHours = HotMoment.LongestHours;

    /// <summary>
    /// Hours in which the popularity of an item halves, here and in the region channel. Events that are older count through slower counters where there are few
    /// newer ones.
    /// </summary>
    public double HalfLifeHours { get; init; } = HotMoment.DefaultHours;
}
