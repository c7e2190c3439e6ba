using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;

namespace KgOrleans.Grains.Recommend;

/// <summary>Diversity after pre-ranking: the scene's method, weighted by traffic class, picks first (the article's first DPP); the rest follows by score under a creator cap.</summary>
internal sealed class PreRankStage(ScoringPool pool, DppWorkspaces workspaces)
{
    public async Task<HydratedCandidates> RunAsync(FunnelRequest request, HydratedCandidates hydrated, CancellationToken deadline)
    {
        var kept = await pool.Run(() => Pick(request, hydrated), deadline);
        request.Clock.End("preRank", hydrated.Candidates.Count, kept.Candidates.Count);
        return kept;
    }

    private HydratedCandidates Pick(FunnelRequest request, HydratedCandidates hydrated)
    {
        var settings = request.Settings.PreRank;
        var (candidates, block) = hydrated;
        var relevance = candidates.Select(RecallMerge.Relevance).ToArray();
        Fusion.ToRelevance(relevance);
        float[] weights = [];
        if (request.Scene.Traffic.Count > 0)
        {
            weights = new float[candidates.Count];
            TrafficWeights.Fill(request.Scene.Traffic, block.Rows, request.ScoreTime, weights);
        }
        var picks = workspaces.Select(block, relevance, (float)settings.Theta, Math.Min(settings.DiversePicks, candidates.Count), settings.Window, served: null, weights, settings.Diversity);

        var perCreator = new Dictionary<ulong, int>();
        var chosen = new List<int>(settings.Keep);
        var taken = new bool[candidates.Count];
        // Two passes: the cap yields only when there is nothing else, so that a small catalogue still fills a page.
        foreach (var capped in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var i in picks.Order.Concat(Enumerable.Range(0, candidates.Count)))
            {
                if (chosen.Count == settings.Keep || taken[i])
                    continue;
                var creator = block.Rows[i].Creator;
                var count = perCreator.GetValueOrDefault(creator);
                if (capped && count >= settings.CreatorCap)
                    continue;
                perCreator[creator] = count + 1;
                taken[i] = true;
                chosen.Add(i);
            }
        }
        var kept = new ItemBlock(chosen.Count, block.ContentDimension, block.EmbeddingDimension);
        for (var i = 0; i < chosen.Count; i++)
            kept.CopyRow(i, block, chosen[i]);
        return new HydratedCandidates(chosen.ConvertAll(i => candidates[i]), kept);
    }
}
