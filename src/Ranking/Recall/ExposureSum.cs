namespace KgOrleans.Ranking.Recall;

/// <summary>Sums of the exposure that new items are owed.</summary>
/// <param name="Items">Items that are or were owed it: in their first days, of enough quality.</param>
/// <param name="OpenItems">Those that have not had all of it.</param>
/// <param name="Owed">Impressions owed to all of them.</param>
/// <param name="Delivered">Impressions delivered, for each item at most those owed.</param>
public readonly record struct ExposureSum(long Items, long OpenItems, long Owed, long Delivered)
{
    /// <summary>Impressions still owed.</summary>
    public long Open => Owed - Delivered;

    /// <summary>Sums two parts.</summary>
    public static ExposureSum operator +(ExposureSum a, ExposureSum b) =>
        new(a.Items + b.Items, a.OpenItems + b.OpenItems, a.Owed + b.Owed, a.Delivered + b.Delivered);
}
