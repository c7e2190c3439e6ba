namespace KgOrleans.Ranking.Recall;

/// <summary>Exposure that new works are owed: the fresh channel finds works that have not had it.</summary>
public sealed record ColdStartSettings
{
    /// <summary>Impressions that a new work is owed.</summary>
    public int Impressions { get; init; } = 100;

    /// <summary>Days since publishing in which it is owed them.</summary>
    public double Days { get; init; } = 14;

    /// <summary>Least quality of a work that is owed anything, 0..1; works of unknown quality are.</summary>
    public double MinQuality { get; init; } = 0.3;
}
