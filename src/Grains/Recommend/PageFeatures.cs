using KgOrleans.Inference;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Recommend;

/// <summary>What the ranker was fed of a page's works: filled again, by the code that filled it for the ranker, when a request asks to be explained and at no other time.</summary>
internal sealed class PageFeatures(Ranker ranker, UserSnapshot user, ItemBlock works, KgOrleans.Inference.RequestContext context)
{
    /// <summary>The features of a page; null when the request does not ask or the ranker did not run.</summary>
    public static PageFeatures? Of(FunnelRequest request, RankedCandidates ranked) => request.Command.Explain && request.Model is { } model && ranked.Probabilities.Length > 0
        ? new PageFeatures(model.Ranker, request.User.Snapshot, ranked.Block, request.RankerContext)
        : null;

    /// <summary>Features of one candidate.</summary>
    public Dictionary<string, float[]> OfItem(int candidate) => RankerFeatures.OfItem(ranker, user, works, candidate, context);

    /// <summary>Features of user and request.</summary>
    public Dictionary<string, float[]> OfRequest() => RankerFeatures.OfRequest(ranker, user, context);
}
