using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Grains.Recommend;

/// <summary>
/// Candidates that pre-ranking keeps whatever their score, so that re-ranking can hold the traffic shares: of a class with a least share its best candidates,
/// and the best others of a class with a largest share.
/// </summary>
internal static class TrafficReserve
{
    /// <summary>The lists to reserve places from, each with the number of places.</summary>
    /// <param name="request">The request.</param>
    /// <param name="block">The candidates, best first.</param>
    public static IEnumerable<(IEnumerable<int> Candidates, int Places)> Of(FunnelRequest request, ItemBlock block)
    {
        var keep = request.Settings.PreRank.Keep;
        foreach (var (filter, share) in request.Scene.SharedTraffic)
        {
            var matches = new bool[block.Count];
            for (var i = 0; i < matches.Length; i++)
                matches[i] = filter.Matches(new FilterRow(in block.Rows[i], block.Rows[i].Tags, request.ScoreTime, block.Attributes?[i]));
            var all = Enumerable.Range(0, matches.Length);
            if (share.Least > 0)
                yield return (all.Where(i => matches[i]), PlacesOf(share.Least));
            if (share.Most < 1)
                yield return (all.Where(i => !matches[i]), PlacesOf(1 - share.Most));
        }

        // Its share of the places, and no more than re-ranking chooses a page from.
        int PlacesOf(double share) => Math.Min((int)Math.Ceiling(share * keep), ReRankStage.Wanted(request));
    }
}
