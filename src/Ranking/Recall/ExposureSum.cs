namespace KgOrleans.Ranking.Recall;

/// <summary>Exposure that new works are owed, summed.</summary>
/// <param name="Works">Works that are or were owed it: in their first days, of enough quality.</param>
/// <param name="OpenWorks">Those that have not had all of it.</param>
/// <param name="Owed">Impressions owed to all of them.</param>
/// <param name="Delivered">Impressions that they had, up to what each was owed.</param>
public readonly record struct ExposureSum(long Works, long OpenWorks, long Owed, long Delivered)
{
    /// <summary>Impressions still owed.</summary>
    public long Open => Owed - Delivered;

    /// <summary>Sums two parts.</summary>
    public static ExposureSum operator +(ExposureSum a, ExposureSum b) => new(a.Works + b.Works, a.OpenWorks + b.OpenWorks, a.Owed + b.Owed, a.Delivered + b.Delivered);
}
