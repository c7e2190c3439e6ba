using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using KgOrleans.Grains.Scoring;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scoring;

namespace KgOrleans.Grains.Recommend;

/// <summary>
/// Chooses the items that go on to fine ranking: first those that the scene's diversity step picks, weighted by traffic class (the article's first DPP),
/// then each channel's best and what traffic shares need whatever their score, then the rest by score. A cap holds for each creator.
/// </summary>
internal sealed class PreRankStage(ScoringPool pool)
{
    private readonly ConcurrentBag<DiversitySelector> _selectors = [];

    public async Task<HydratedCandidates> RunAsync(FunnelRequest request, HydratedCandidates hydrated, CancellationToken deadline)
    {
        var kept = await pool.Run(request.SceneKey, () => Pick(request, hydrated), deadline);
        request.Clock.End("preRank", hydrated.Candidates.Count, kept.Candidates.Count);
        return kept;
    }

    private HydratedCandidates Pick(FunnelRequest request, HydratedCandidates hydrated)
    {
        var settings = request.Settings.PreRank;
        var (candidates, block) = hydrated;
        var relevance = candidates.Select(RecallMerge.RelevanceOf).ToArray();
        RelevanceScale.Rescale(relevance);
        float[] weights = [];
        if (request.Scene.Traffic.Count > 0)
        {
            weights = new float[candidates.Count];
            TrafficWeights.Fill(request.Scene.Traffic, block.Rows, request.ScoreTime, weights, block.Attributes);
        }
        var diversity = new DiversitySettings(settings.Diversity, (float)settings.Theta, settings.Window, (float)settings.KindShare);
        var selector = _selectors.TryTake(out var pooled) ? pooled : new DiversitySelector();
        var picks = selector.Select(diversity, block, relevance, weights, settings.DiversePicks);
        _selectors.Add(selector);

        var places = new Places(block, settings.Keep, settings.CreatorCap);
        var reserved = Reserved(request, hydrated, places);
        // Under load the ranker drops candidates from the end: those that are there by score alone.
        places.Take(picks, Math.Max(0, settings.Keep - reserved.Count));
        places.Take(reserved);
        int[] all = [.. Enumerable.Range(0, candidates.Count)];
        places.Take(all);
        // The cap is lifted only when nothing else is left, so that a small catalogue still fills a page.
        places.Uncap();
        places.Take(picks);
        places.Take(all);

        var chosen = places.Chosen;
        var kept = new ItemBlock(chosen.Count, block.ContentDimension, block.EmbeddingDimension);
        for (var i = 0; i < chosen.Count; i++)
            kept.CopyRow(i, block, chosen[i]);
        return new HydratedCandidates(chosen.ConvertAll(i => candidates[i]), kept);
    }

    // The minKeep best of each channel, by its own score and then in pre-rank order, at most an equal share of the places; then what traffic shares need. The
    // creator cap holds for them too.
    private static List<int> Reserved(FunnelRequest request, HydratedCandidates hydrated, Places places)
    {
        var (candidates, block) = hydrated;
        var reserved = new List<int>();
        var members = new List<(float Score, int Index)>();
        for (var channel = 0; channel < RecallChannels.Count; channel++)
        {
            var least = Math.Min(request.Settings.Recall.Of((RecallChannel)channel).MinKeep, request.Settings.PreRank.Keep / RecallChannels.Count);
            members.Clear();
            for (var i = 0; least > 0 && i < candidates.Count; i++)
            {
                if (candidates[i].ChannelScores[channel] is var score && !float.IsNaN(score))
                    members.Add((score, i));
            }
            members.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
            Reserve(members.Select(m => m.Index), least);
        }
        foreach (var (ofClass, least) in TrafficReserve.Of(request, block))
            Reserve(ofClass, least);
        reserved.Sort();
        return reserved;

        void Reserve(IEnumerable<int> best, int least)
        {
            foreach (var index in best)
            {
                if (least == 0)
                    break;
                if (places.Reserve(index, out var isNew))
                    least--;
                if (isNew)
                    reserved.Add(index);
            }
        }
    }

    /// <summary>The places in fine ranking, and how many each creator has.</summary>
    private sealed class Places(ItemBlock block, int keep, int creatorCap)
    {
        private readonly Dictionary<ulong, int> _perCreator = [];
        private readonly bool[] _taken = new bool[block.Count];
        private readonly bool[] _reserved = new bool[block.Count];
        private int _cap = creatorCap;

        public List<int> Chosen { get; } = new(Math.Min(keep, block.Count));

        /// <summary>Reserves a place; false when the creator has reached the cap.</summary>
        public bool Reserve(int candidate, out bool isNew)
        {
            isNew = !_reserved[candidate] && Count(candidate);
            _reserved[candidate] |= isNew;
            return _reserved[candidate];
        }

        /// <summary>Gives places to candidates in their order while there are any: to those with a reserved place, and to at most so many others.</summary>
        public void Take(IReadOnlyList<int> candidates, int others = int.MaxValue)
        {
            for (var n = 0; n < candidates.Count && Chosen.Count < keep; n++)
            {
                var candidate = candidates[n];
                if (_taken[candidate] || (!_reserved[candidate] && (others == 0 || !Count(candidate))))
                    continue;
                others -= _reserved[candidate] ? 0 : 1;
                _taken[candidate] = true;
                Chosen.Add(candidate);
            }
        }

        /// <summary>Creators may have any number from here on.</summary>
        public void Uncap() => _cap = int.MaxValue;

        private bool Count(int candidate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_perCreator, block.Rows[candidate].Creator, out _);
            if (count >= _cap)
                return false;
            count++;
            return true;
        }
    }
}
