namespace KgOrleans.Ranking.ReRanking;

/// <summary>How many items of a traffic class one page should have.</summary>
/// <param name="Least">Least items, while there are candidates of the class.</param>
/// <param name="Most">Most items, while there are other candidates; at least <paramref name="Least"/>.</param>
/// <param name="Phase">
/// 0..1: where the items that the class is owed stand. Item j of them is placed by position (j + Phase) / Least of the page, so that the class is not always at
/// its end.
/// </param>
public readonly record struct PageQuota(int Least, int Most, double Phase)
{
    /// <summary>Items of the class that must stand on a page of a length up to a position, that position included.</summary>
    public int OwedBy(int position, int length)
    {
        var owed = 0;
        while (owed < Least && (int)((owed + Phase) * length / Least) <= position)
            owed++;
        return owed;
    }
}
