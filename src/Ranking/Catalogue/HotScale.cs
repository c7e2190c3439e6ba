namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The scale that popularity is ordered by: the binary logarithm of decayed popularity as of a fixed day. All items decay by the same factor, so this order
/// holds at any time, and a score changes only when an event is counted. Items without popularity stand behind all others, ordered by quality: a new
/// catalogue is not an empty page.
/// </summary>
public static class HotScale
{
    // Events from before this day count as of it. Near enough to the present that a float32 tells popularities apart that differ by 2e-4.
    private const long Origin = 946_684_800_000;

    // Scores of items without popularity: below 0, where no popularity lies.
    private const float Cold = -2;

    // Popularity that quality 1 is shown as: less than one event.
    private const float ColdHot = 1e-3f;

    // Keeps the popularity finite for a request about a time long past.
    private const double Largest = 60;

    /// <summary>Score of an item with popularity.</summary>
    /// <param name="hot">Popularity, above 0.</param>
    /// <param name="at">Time of that popularity, unix milliseconds.</param>
    public static float Of(double hot, long at) => (float)Math.Max(0, Math.Log2(hot) + ((at - Origin) / ItemCounters.HotHalfLife.TotalMilliseconds));

    /// <summary>Score of an item without popularity.</summary>
    /// <param name="quality">Quality, 0..1.</param>
    public static float OfUnmet(float quality) => Cold + quality;

    /// <summary>The popularity at a time that a score stands for: to be shown, not to sort by.</summary>
    public static float ToPopularity(float score, long now) =>
        score < 0 ? ColdHot * (score - Cold) : (float)double.Exp2(Math.Min(Largest, score - ((now - Origin) / ItemCounters.HotHalfLife.TotalMilliseconds)));
}
