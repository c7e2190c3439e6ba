namespace KgOrleans.Ranking.Scoring;

/// <summary>
/// Holds a percentile of the time of requests at a target by scaling how much each request does. The factor rises by a small step with every request in time,
/// and falls by step x p / (100 - p) with every late one, so that it settles where p percent of requests are in time (the quality factor of Twitter's open
/// recommender).
/// </summary>
/// <remarks>Safe for concurrent callers.</remarks>
/// <param name="least">Smallest factor, above 0, at most 1.</param>
public sealed class QualityFactor(double least)
{
    /// <summary>The first requests change nothing: their time goes into compilation and says nothing about load.</summary>
    public const int WarmUp = 200;

    // At the 99th percentile one late request costs five percent of the width, and a hundred requests in time bring it back.
    private const double Step = 0.0005;

    private readonly Lock _gate = new();
    private double _factor = 1;
    private int _seen;

    /// <summary>Share of the full width that requests should do now, from the smallest factor to 1.</summary>
    public double Factor => Volatile.Read(ref _factor);

    /// <summary>Records a request.</summary>
    /// <param name="tookMs">Its time, milliseconds.</param>
    /// <param name="targetMs">Time that it should have stayed below.</param>
    /// <param name="percentile">Percent of requests that should stay below it, 50..99.9.</param>
    public void Record(double tookMs, double targetMs, double percentile)
    {
        lock (_gate)
        {
            if (_seen < WarmUp)
            {
                _seen++;
                return;
            }
            var change = tookMs <= targetMs ? Step : -Step * percentile / (100 - percentile);
            Volatile.Write(ref _factor, Math.Clamp(_factor + change, least, 1));
        }
    }
}
