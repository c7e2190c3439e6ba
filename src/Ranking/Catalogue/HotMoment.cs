namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// A half-life and a time: what popularity is ordered by. The popularity of an item is the sum of its positive events' weights, halved every half-life, plus a
/// share of what its slower counters make one expect of such a sum. Where there is little recent evidence the slow counters decide; where there is much, they
/// hardly count.
/// </summary>
/// <param name="HalfLifeHours">Half-life, <see cref="ShortestHours"/>..<see cref="LongestHours"/>.</param>
/// <param name="At">Start of an hour, unix milliseconds. Within the hour the order stays the same, so that it can be kept.</param>
public readonly record struct HotMoment(double HalfLifeHours, long At)
{
    /// <summary>Half-life of a scene that sets none: hits on these platforms last days.</summary>
    public const double DefaultHours = 72;

    /// <summary>Shortest half-life.</summary>
    public const double ShortestHours = 6;

    /// <summary>Longest half-life: that of the slow counter, 90 days.</summary>
    public const double LongestHours = 2_160;

    // Of what a slower counter makes one expect of a faster one, this share is added: as if a tenth of the evidence came from it.
    private const float SlowShare = 0.1f;

    // The counter that never decays stands for this many hours: ten half-lives of the slow one.
    private const double EverHours = 10 * LongestHours;

    private const double HourMs = 3_600_000;

    /// <summary>The moment of a time (unix milliseconds).</summary>
    public static HotMoment Of(double halfLifeHours, long time) => new(halfLifeHours, time - (time % (long)HourMs));

    /// <summary>Popularity at this time; 0 for an item without positive events.</summary>
    /// <param name="sums">Decayed sums of an item as of its newest event.</param>
    /// <param name="newest">Time of that event, unix milliseconds.</param>
    internal float Popularity(in HotSums sums, long newest)
    {
        var hours = (At - newest) / HourMs;
        var popularity = SumOf(sums) * Left(hours / HalfLifeHours);
        if (HalfLifeHours < LongestHours)
            popularity += SlowShare * (float)(HalfLifeHours / LongestHours) * (float)sums.Slow * Left(hours / LongestHours);
        return popularity + (SlowShare * SlowShare * (float)(HalfLifeHours / EverHours) * (float)sums.Ever);
    }

    // An event later than this time counts more than one now: so much that the order is that of any later time.
    private static float Left(double halfLives) => float.Exp2((float)-halfLives);

    // Between two counters the sum is a geometric mean. Its weights make it decay by this half-life, so that of one event it is exact; of several it is at most
    // a little too large.
    private float SumOf(in HotSums sums)
    {
        if (HalfLifeHours == DefaultHours)
            return (float)sums.Days;
        var (fast, slow, from, to) = HalfLifeHours < DefaultHours
            ? (sums.Hours, sums.Days, ShortestHours, DefaultHours)
            : (sums.Days, sums.Slow, DefaultHours, LongestHours);
        if (fast <= 0 || slow <= 0)
            return 0;
        var share = ((1 / HalfLifeHours) - (1 / to)) / ((1 / from) - (1 / to));
        return float.Exp2((float)((share * Math.Log2(fast)) + ((1 - share) * Math.Log2(slow))));
    }
}
