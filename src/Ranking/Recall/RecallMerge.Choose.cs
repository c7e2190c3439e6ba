using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>Choosing the winners among the members of the channels.</summary>
public sealed partial class RecallMerge
{
    private List<MergedCandidate>? Choose(IReadOnlyList<ShardRecall> shards, MergePlan plan, ScoreBound[] thresholds, int[] quotas, int members)
    {
        var total = _offsets[shards.Count];
        var merge = MergeOf(shards, plan);
        var kept = new List<int>(merge);
        for (var channel = 0; channel < RecallChannels.Count; channel++)
            KeepBest(shards, channel, thresholds[channel], quotas[channel] == 0 ? 0 : Math.Min(plan.MinKeep[channel], plan.Merge / RecallChannels.Count), kept);
        var order = Order(total, Math.Min(members, merge));
        var last = ScoreBound.Best;
        foreach (var at in order)
        {
            if (kept.Count >= merge)
                break;
            last = new ScoreBound(float.IsNaN(_preRank[at]) ? float.NegativeInfinity : _preRank[at], _memberKeys[at]);
            if (_winner[at] < 0)
                Keep(at, kept);
        }
        foreach (var shard in shards)
        {
            if (shard.Summary is { IsPruned: 1 } summary && (kept.Count < merge || summary.Bound.IsBefore(last)))
                return null;
        }
        kept.Sort(Compare);
        var winners = new List<MergedCandidate>(kept.Count);
        var scale = plan.Ranker == PreRanker.RecallScore ? WeightOf(plan, quotas) : 1;
        foreach (var at in kept)
        {
            var s = ShardOf(at, shards.Count);
            var candidate = shards[s].Candidates[at - _offsets[s]];
            _winner[at] = winners.Count;
            var preRank = _preRank[at] / scale;
            winners.Add(new MergedCandidate
            {
                Key = candidate.Key,
                Shard = shards[s].Shard,
                Row = candidate.Row,
                PreRank = preRank,
                Relevance = RelevanceOf(plan.Ranker, preRank),
            });
        }
        for (var channel = 0; channel < RecallChannels.Count; channel++)
        {
            if (quotas[channel] > 0)
                Name(shards, channel, thresholds[channel], winners);
        }
        return winners;
    }

    // Without some shards, those that answered may have left out items that only their share of the winners has room for.
    private static int MergeOf(IReadOnlyList<ShardRecall> shards, MergePlan plan)
    {
        foreach (var shard in shards)
        {
            if (shard.Summary.IsPruned != 0)
                return (int)((((long)plan.Merge * shards.Count) + plan.Shards - 1) / plan.Shards);
        }
        return plan.Merge;
    }

    // Items of a channel by its own score.
    private void KeepBest(IReadOnlyList<ShardRecall> shards, int channel, ScoreBound threshold, int count, List<int> kept)
    {
        if (count <= 0)
            return;
        _best.Reset(count);
        for (var s = 0; s < shards.Count; s++)
        {
            var (shard, certainSent) = (shards[s], shards[s].Zone(channel).CertainSent);
            var entries = shard.Entries(channel);
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Candidate >= shard.Candidates.Length)
                    continue;
                var key = shard.KeyOf(entries[i]);
                if (i < certainSent || !threshold.IsBefore(new ScoreBound(entries[i].Score, key)))
                    _best.Offer(entries[i].Score, _offsets[s] + entries[i].Candidate, key);
            }
        }
        Reserve(count);
        var found = _best.Complete(_picked);
        for (var i = 0; i < found; i++)
        {
            if (_winner[_picked[i]] < 0)
                Keep(_picked[i], kept);
        }
    }

    private void Keep(int at, List<int> kept)
    {
        _winner[at] = 0;
        kept.Add(at);
    }

    // The best members in pre-rank order; those without a score follow, by key.
    private ReadOnlySpan<int> Order(int total, int count)
    {
        Reserve(Math.Max(1, count));
        if (count == 0)
            return [];
        _best.Reset(count);
        for (var at = 0; at < total; at++)
        {
            if (_isMember[at])
                _best.Offer(_preRank[at], at, _memberKeys[at]);
        }
        var found = _best.Complete(_picked);
        if (found < count)
        {
            _best.Reset(count - found);
            for (var at = 0; at < total; at++)
            {
                if (_isMember[at] && float.IsNaN(_preRank[at]))
                    _best.Offer(0, at, _memberKeys[at]);
            }
            found += _best.Complete(_picked.AsSpan(found));
        }
        return _picked.AsSpan(0, found);
    }

    private int Compare(int a, int b)
    {
        var (x, y) = (_preRank[a], _preRank[b]);
        var byScore = float.IsNaN(x) || float.IsNaN(y) ? float.IsNaN(x).CompareTo(float.IsNaN(y)) : y.CompareTo(x);
        return byScore != 0 ? byScore : _memberKeys[a].CompareTo(_memberKeys[b]);
    }

    private void Name(IReadOnlyList<ShardRecall> shards, int channel, ScoreBound threshold, List<MergedCandidate> winners)
    {
        var isHot = channel is (int)RecallChannel.Hot or (int)RecallChannel.Region;
        for (var s = 0; s < shards.Count; s++)
        {
            var (shard, certainSent) = (shards[s], shards[s].Zone(channel).CertainSent);
            var entries = shard.Entries(channel);
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Candidate >= shard.Candidates.Length)
                    continue;
                var winner = _winner[_offsets[s] + entries[i].Candidate];
                if (winner >= 0 && (i < certainSent || !threshold.IsBefore(new ScoreBound(entries[i].Score, shard.KeyOf(entries[i])))))
                    winners[winner].ChannelScores[channel] = isHot ? HotScale.ToPopularity(entries[i].Score) : entries[i].Score;
            }
        }
    }

    private static float WeightOf(MergePlan plan, int[] quotas)
    {
        var sum = 0f;
        for (var channel = 0; channel < quotas.Length; channel++)
            sum += quotas[channel] > 0 ? plan.Weights[channel] : 0;
        return sum > 0 ? sum : 1;
    }

    // The towers' score is a logit; callers that need 0..1 scale the others over the list. Items without a score are the least relevant.
    private static float RelevanceOf(PreRanker ranker, float score) =>
        float.IsNaN(score) ? 0 : ranker == PreRanker.Towers ? RelevanceScale.Sigmoid(score) : score;

    private int ShardOf(int at, int shards)
    {
        var s = 0;
        while (s < shards - 1 && _offsets[s + 1] <= at)
            s++;
        return s;
    }
}
