using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Recommend;

/// <summary>What one page owes the traffic classes that have a share, and what they got.</summary>
/// <param name="Quotas">Quota of each class.</param>
/// <param name="Window">Positions that the silo served in the scene before the page, then those of each class.</param>
/// <param name="Served">Items of each class on the page.</param>
internal sealed record TrafficPlan(PageQuota[] Quotas, int[] Window, int[] Served)
{
    /// <summary>The plan as an explained answer shows it.</summary>
    public TrafficReport[] Report(EffectiveScene scene) =>
    [
        .. scene.SharedTraffic.Select((t, c) => new TrafficReport(
            t.Share.Least, t.Share.Most, Window[0] == 0 ? null : Window[c + 1] / (double)Window[0], Window[0], Quotas[c].Least, Quotas[c].Most, Served[c])),
    ];
}
