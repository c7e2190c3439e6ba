namespace KgOrleans.Ranking.Recall;

/// <summary>Exposure that new items are owed: the fresh channel finds items that have not had all of it.</summary>
public sealed record ColdStartSettings
{
    /// <summary>Impressions that a new item is owed.</summary>
    public int Impressions { get; init; } = 100;

    /// <summary>Days after publishing in which the impressions are owed.</summary>
    public double Days { get; init; } = 14;

    /// <summary>Least quality, 0..1, of an item that is owed impressions; items of unknown quality are owed them too.</summary>
    public double MinQuality { get; init; } = 0.3;
}
