using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.ReRanking;

namespace KgOrleans.Grains.Recommend;

/// <summary>Turns a page into the answer that callers read.</summary>
internal static class AnswerBuilder
{
    private const int MaxReasons = 3;

    // Channels that are a reason of their own, beside the interests that an item matches.
    private static readonly string[] ReasonChannels = ["model", "hot", "social", "fresh", "region", "continue"];

    public static RecommendAnswer Build(FunnelRequest request, RecallOutcome recall, Page page, bool withFunnel)
    {
        var before = request.Page?.Served.Length ?? 0;
        var features = PageFeatures.Of(request, page.Ranked);
        return new RecommendAnswer
        {
            RequestId = request.Command.RequestId,
            Items = [.. page.Order.Select((candidate, position) =>
                Item(request, page, candidate, before + position) with { Features = features?.OfItem(candidate) })],
            Degraded = [.. request.Clock.Degraded],
            ModelVersion = request.Model?.Version,
            SceneVersion = request.Scene.Version,
            TookMs = request.Clock.TookMs,
            Funnel = withFunnel ? Funnel(request, recall, page) with { Features = features?.OfRequest() } : null,
        };
    }

    private static RecommendedItem Item(FunnelRequest request, Page page, int i, int position)
    {
        var candidate = page.Ranked.Candidates[i];
        var objectives = request.Model?.Objectives ?? [];
        var probabilities = page.Ranked.Probabilities;
        var hasRanker = probabilities.Length > 0;
        var scores = new ItemScores
        {
            PreRank = float.IsNaN(candidate.PreRank) ? null : candidate.PreRank,
            FineRank = hasRanker ? page.Ranked.Fused[i] : null,
            Final = page.Relevance[i],
            DiversityGain = page.Gains[i],
            ListWise = page.ListWise is { } listWise && !float.IsNaN(listWise[i]) ? listWise[i] : null,
            Propensity = page.Propensities is { } propensities && !double.IsNaN(propensities[i]) ? propensities[i] : null,
        };
        for (var channel = 0; channel < RecallChannels.Count; channel++)
        {
            if (!float.IsNaN(candidate.ChannelScores[channel]))
                scores.Recall.Add(RecallChannels.NameOf(channel), candidate.ChannelScores[channel]);
        }
        for (var k = 0; hasRanker && k < objectives.Count; k++)
            scores.Objectives.Add(objectives[k], probabilities[(i * objectives.Count) + k]);
        return new RecommendedItem
        {
            ItemId = page.Ranked.Block.Ids[i],
            Position = position,
            Channels = [.. scores.Recall.Keys],
            Scores = scores,
            Placement = Placement(page.Items[position - (request.Page?.Served.Length ?? 0)], position - (request.Page?.Served.Length ?? 0)),
            Reasons = Reasons(request.User, page.Ranked.Block.Rows[i], scores.Recall),
        };
    }

    private static Placement? Placement(ReRankedItem item, int position) =>
        item.Preferred == position && !item.IsPinned && !item.IsPromoted ? null : new Placement(item.Preferred, item.IsPinned, item.IsPromoted);

    /// <summary>The strongest interests that the item matches, then the channels that are reasons of their own.</summary>
    private static string[] Reasons(UserReply known, ItemRow row, Dictionary<string, double> channels)
    {
        var user = known.Snapshot;
        if (!user.IsKnown)
            return ["coldStart", .. channels.ContainsKey("hot") ? (string[])["hot"] : []];
        var matched = new List<(float Weight, string Reason)>();
        foreach (var creator in user.Creators.Where(c => c.Key == row.Creator))
            matched.Add((creator.Weight, $"creator:{creator.Id}"));
        foreach (var song in user.Songs.Where(s => s.Key == row.Song))
            matched.Add((song.Weight, $"song:{song.Id}"));
        foreach (var tag in user.Tags)
        {
            if (((ReadOnlySpan<ulong>)row.Tags).Contains(tag.Key))
                matched.Add((tag.Weight, $"tag:{tag.Id}"));
        }
        var reasons = matched.OrderByDescending(m => m.Weight).ThenBy(m => m.Reason, StringComparer.Ordinal).Select(m => m.Reason).Take(MaxReasons).ToList();
        if (channels.ContainsKey(RecallChannels.NameOf(RecallChannel.Similar)))
            reasons.AddRange(SimilarTo(known, PartialKey.Of(row.Key)));
        reasons.AddRange(ReasonChannels.Where(channels.ContainsKey));
        return [.. reasons];
    }

    /// <summary>What the user likes that brought the item most.</summary>
    private static IEnumerable<string> SimilarTo(UserReply user, ulong partial)
    {
        foreach (var item in MemoryMarshal.Cast<byte, SimilarItem>(user.Similar))
        {
            if (item.Key == partial)
                return new[] { item.First, item.Second }.Distinct().Select(place => $"similar:{user.SimilarTo[place]}");
        }
        return [];
    }

    private static FunnelReport Funnel(FunnelRequest request, RecallOutcome recall, Page page)
    {
        var c = recall.Counts;
        var channels = new Dictionary<string, int>();
        for (var channel = 0; channel < RecallChannels.Count; channel++)
            channels.Add(RecallChannels.NameOf(channel), recall.PerChannel[channel]);
        return new FunnelReport
        {
            Stages = [new StageReport("catalogue", (int)c.Live, (int)c.Eligible, 0), .. request.Clock.Stages],
            Dropped = new Dictionary<string, long>
            {
                ["otherWorld"] = c.OtherWorld,
                ["hidden"] = c.Hidden,
                ["expired"] = c.Expired,
                ["ageOrNotYetPublished"] = c.Age,
                ["admission"] = c.Admission,
                ["seenOrExcluded"] = c.Excluded,
                ["blockedOrOwn"] = c.Blocked,
                ["filter"] = c.Filtered,
            },
            Channels = channels,
            RelaxedRules = page.Relaxed,
            Traffic = page.Traffic?.Report(request.Scene) ?? [],
            UserStateVersion = request.User.Snapshot.StateVersion,
            Shards = [.. recall.Headers.Select((h, shard) => (h, shard)).Where(x => x.h is not null)
                .Select(x => new ShardReport(x.shard, x.h!.ViewEpoch, x.h.LogPosition, x.h.CounterEpoch, x.h.SpaceId))],
        };
    }
}
