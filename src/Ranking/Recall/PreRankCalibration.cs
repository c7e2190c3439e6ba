namespace KgOrleans.Ranking.Recall;

/// <summary>What is added to the pre-rank score, on the scale of its dot product: freshness + quality + tone + creator.</summary>
public sealed record PreRankCalibration
{
    /// <summary>Added to an item that is published now; halves every <c>freshnessHalfLifeDays</c>. Items without a publishing time get nothing.</summary>
    public double Freshness { get; init; }

    /// <summary>Half-life of freshness in days.</summary>
    public double FreshnessHalfLifeDays { get; init; } = 14;

    /// <summary>Times (quality - 0.5); unknown quality counts as 0.5.</summary>
    public double Quality { get; init; }

    /// <summary>Added by tone.</summary>
    public IReadOnlyDictionary<string, double> Tones { get; init; } = new Dictionary<string, double>();

    /// <summary>Added by creator.</summary>
    public IReadOnlyDictionary<string, double> Creators { get; init; } = new Dictionary<string, double>();

    /// <summary>Whether nothing is added to any item.</summary>
    public bool IsNone() => Freshness == 0 && Quality == 0 && Tones.Count == 0 && Creators.Count == 0;
}
