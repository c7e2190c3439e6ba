using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Sums of the weights of an item's positive events as of the newest of them, each with a half-life of its own: 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct HotSums
{
    private const double HourMs = 3_600_000;

    /// <summary>Half-life 6 hours.</summary>
    public double Hours;

    /// <summary>Half-life 72 hours.</summary>
    public double Days;

    /// <summary>Half-life 90 days.</summary>
    public double Slow;

    /// <summary>Never halved.</summary>
    public double Ever;

    /// <summary>Share that is left of a sum after some milliseconds.</summary>
    public static double Left(double elapsedMs, double halfLifeHours) => double.Exp2(-elapsedMs / (halfLifeHours * HourMs));

    /// <summary>Moves the time that the sums are as of.</summary>
    public void Advance(double ms)
    {
        Hours *= Left(ms, HotMoment.ShortestHours);
        Days *= Left(ms, HotMoment.DefaultHours);
        Slow *= Left(ms, HotMoment.LongestHours);
    }

    /// <summary>Adds an event that is so many milliseconds older than the newest.</summary>
    public void Add(double weight, double ageMs)
    {
        Hours += weight * Left(ageMs, HotMoment.ShortestHours);
        Days += weight * Left(ageMs, HotMoment.DefaultHours);
        Slow += weight * Left(ageMs, HotMoment.LongestHours);
        Ever += weight;
    }

    /// <summary>The reverse of <see cref="Add"/>.</summary>
    public void Remove(double weight, double ageMs)
    {
        Hours = Without(Hours, weight * Left(ageMs, HotMoment.ShortestHours));
        Days = Without(Days, weight * Left(ageMs, HotMoment.DefaultHours));
        Slow = Without(Slow, weight * Left(ageMs, HotMoment.LongestHours));
        Ever = Without(Ever, weight);
    }

    // What is left of rounding must not stand before items without any event. Counters that began anew never had the event.
    private static double Without(double sum, double share) => sum - share > share * 1e-10 ? sum - share : 0;
}
