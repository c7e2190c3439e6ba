namespace KgOrleans.Ranking.Scoring;

/// <summary>
/// Holds a percentile of a request's time at a target by scaling how much work is done: q rises by a small step with every request in time, and falls by step x p / (100 - p) with every late one, so that it
/// comes to rest where p percent are in time (the quality factor of Twitter's open recommender).
/// </summary>
/// <remarks>Safe for any number of callers; holds one number and a count.</remarks>
/// <param name="least">Smallest factor, above 0, at most 1.</param>
public sealed class QualityFactor(double least)
{
    /// <summary>Requests that are only counted at first: code that is compiled while they run says nothing about load.</summary>
    public const int WarmUp = 200;

    // At the 99th percentile one late request costs five percent of the width, and a hundred in time bring it back.
    private const double Step = 0.0005;

    private readonly Lock _gate = new();
    private double _factor = 1;
    private int _seen;

    /// <summary>Share of the full work that requests should do now: the least..1.</summary>
    public double Factor => Volatile.Read(ref _factor);

    /// <summary>Takes note of a request.</summary>
    /// <param name="tookMs">Its time, milliseconds.</param>
    /// <param name="targetMs">Time that it should have stayed below.</param>
    /// <param name="percentile">Percent of requests that should, 50..99.9.</param>
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
