namespace KgOrleans.Import.Sets;

/// <summary>
/// Reads a listening count as a play event. The set tells how often a user played an artist, not when: the value is min(1, log10(1 + plays) / 4), so that 99
/// plays, a solid listener's, give the 0.5 of a valid play and 9,999 give 1; the time is a hash of user and artist spread evenly over the eight weeks before
/// the user's newest tag, the only sign of when that user was there.
/// </summary>
public static class PlayTaste
{
    /// <summary>Stretch of time that a user's plays are spread over.</summary>
    public static readonly TimeSpan Spread = TimeSpan.FromDays(56);

    private const double FullScale = 4;

    /// <summary>Share played, 0..1, that stands for a number of plays.</summary>
    public static double Value(long plays) => Math.Round(Math.Min(1, Math.Log10(1.0 + plays) / FullScale), 4);

    /// <summary>Time of a play: whole seconds, after <paramref name="newest"/> less <see cref="Spread"/> and not after <paramref name="newest"/>.</summary>
    public static DateTimeOffset Time(string user, string artist, DateTimeOffset newest) =>
        newest - TimeSpan.FromSeconds(Math.Floor(StableHash.Fraction(user, artist, seed: 0) * Spread.TotalSeconds));
}
