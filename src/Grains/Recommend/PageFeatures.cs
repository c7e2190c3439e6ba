using KgOrleans.Inference;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Recommend;

/// <summary>The ranker's features of a page's items. They are filled a second time, by the same code, and only for requests that ask to be explained.</summary>
internal sealed class PageFeatures(Ranker ranker, UserSnapshot user, ItemBlock items, KgOrleans.Inference.RequestContext context)
{
    /// <summary>The features of a page; null when the request does not ask or the ranker did not run.</summary>
    public static PageFeatures? Of(FunnelRequest request, RankedCandidates ranked) =>
        request.Command.Explain && request.Model is { Ranker: { } ranker } && ranked.Probabilities.Length > 0
        ? new PageFeatures(ranker, request.User.Snapshot, ranked.Block, request.RankerContext)
        : null;

    /// <summary>Features of one candidate.</summary>
    public Dictionary<string, float[]> OfItem(int candidate) => RankerFeatures.OfItem(ranker, user, items, candidate, context);

    /// <summary>Features of user and request.</summary>
    public Dictionary<string, float[]> OfRequest() => RankerFeatures.OfRequest(ranker, user, context);
}
