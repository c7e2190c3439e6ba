namespace KgOrleans.Ranking.Recall;

/// <summary>Exposure that new items are owed: the fresh channel finds items that have not had it.</summary>
public sealed record ColdStartSettings
{
    /// <summary>Impressions that a new item is owed.</summary>
    public int Impressions { get; init; } = 100;

    /// <summary>Days since publishing in which it is owed them.</summary>
    public double Days { get; init; } = 14;

    /// <summary>Least quality of an item that is owed anything, 0..1; items of unknown quality are.</summary>
    public double MinQuality { get; init; } = 0.3;
}
