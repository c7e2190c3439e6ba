using KgOrleans.Kernels.TopK;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Merges round 1 over the shards: per channel the best of all shards up to its quota, united; the best of those in pre-rank order, and each channel's
/// best. Quotas are global, so the answer does not depend on the number of shards. Shards leave out what cannot win; this type checks whether they were
/// right (docs/recall.md).
/// </summary>
/// <remarks>A workspace for one caller at a time; its memory is kept for the next.</remarks>
public sealed partial class RecallMerge
{
    // The rank that counts half as much as the first: a channel's head leads the page, and what several channels find passes what one finds. Chosen by
    // measurement (docs/recall.md).
    private const float RankScale = 20;

    private readonly TopKStream _best = new(1);
    private readonly PickZones _zones = new();
    private readonly HashSet<ulong> _uncertain = [];
    private int[] _offsets = [];
    private bool[] _isMember = [];
    private bool[] _isCertain = [];
    private float[] _scores = [];
    private ulong[] _keys = [];
    private int[] _places = [];
    private int[] _picked = [];
    private float[] _preRank = [];
    private ulong[] _memberKeys = [];
    private int[] _winner = [];

    /// <summary>Relevance of an item in 0..1 for diversity after pre-ranking.</summary>
    public static float RelevanceOf(MergedCandidate candidate) => candidate.Relevance;

    /// <summary>Merges answers.</summary>
    /// <param name="shards">Answers, in any order; those that are missing shrink the quotas in proportion.</param>
    /// <param name="plan">The plan.</param>
    /// <returns>The winners; null when something that was left out might have won, so that the shards must be asked again without pruning.</returns>
    public MergedRecall? Run(IReadOnlyList<ShardRecall> shards, MergePlan plan)
    {
        Start(shards);
        var perChannel = new int[RecallChannels.Count];
        var quotas = new int[RecallChannels.Count];
        var thresholds = new ScoreBound[RecallChannels.Count];
        for (var channel = 0; channel < RecallChannels.Count; channel++)
        {
            quotas[channel] = QuotaOf(shards, plan, channel);
            if (!Place(shards, channel, quotas[channel], out thresholds[channel], out perChannel[channel]))
                return null;
            Join(shards, channel, quotas[channel], thresholds[channel], plan);
        }
        var members = Members(shards, plan.Ranker);
        var winners = Choose(shards, plan, thresholds, quotas, members);
        return winners is null ? null : new MergedRecall(winners, Found(shards), perChannel);
    }

    // Candidates are known by their shard and place: no look-up by key.
    private void Start(IReadOnlyList<ShardRecall> shards)
    {
        if (_offsets.Length < shards.Count + 1)
            _offsets = new int[shards.Count + 1];
        for (var s = 0; s < shards.Count; s++)
            _offsets[s + 1] = _offsets[s] + shards[s].Candidates.Length;
        var total = _offsets[shards.Count];
        if (_isMember.Length < total)
            (_isMember, _isCertain, _preRank, _memberKeys, _winner) = (new bool[total], new bool[total], new float[total], new ulong[total], new int[total]);
        Array.Clear(_isMember, 0, total);
        Array.Clear(_isCertain, 0, total);
        Array.Clear(_preRank, 0, total);
        _uncertain.Clear();
    }

    // A shard that is missing, or late with this channel, takes its share of the quota with it: the others' shares stay what they are.
    private static int QuotaOf(IReadOnlyList<ShardRecall> shards, MergePlan plan, int channel)
    {
        var answered = 0;
        foreach (var shard in shards)
            answered += shard.Zone(channel).IsLate == 0 ? 1 : 0;
        return (int)((((long)plan.Quotas[channel] * answered) + plan.Shards - 1) / plan.Shards);
    }

    /// <summary>Finds the place of the last item that a channel keeps; false when that cannot be told from what was sent.</summary>
    private bool Place(IReadOnlyList<ShardRecall> shards, int channel, int quota, out ScoreBound threshold, out int kept)
    {
        threshold = ScoreBound.Best;
        kept = 0;
        var (uncertain, certain) = (0, 0);
        foreach (var shard in shards)
            uncertain += shard.Entries(channel).Length;
        Reserve(uncertain);
        uncertain = 0;
        // The worst that is kept must not stand behind the best that is not.
        var (worst, best) = (ScoreBound.Best, ScoreBound.Worst);
        foreach (var shard in shards)
        {
            var zone = shard.Zone(channel);
            certain += zone.Certain;
            if (zone.Certain > 0 && worst.IsBefore(zone.WorstCertain))
                worst = zone.WorstCertain;
            if (zone.IsCut != 0 && zone.BestCut.IsBefore(best))
                best = zone.BestCut;
            foreach (var entry in shard.Entries(channel)[zone.CertainSent..])
                (_scores[uncertain], _keys[uncertain++]) = (entry.Score, shard.KeyOf(entry));
        }
        if (quota == 0)
            return true;
        var wanted = quota - certain;
        if (wanted < 0)
            return false;
        kept = certain + Math.Min(wanted, uncertain);
        var scores = _scores.AsSpan(0, uncertain);
        var keys = _keys.AsSpan(0, uncertain);
        if (wanted > 0 && uncertain > 0)
            threshold = wanted < uncertain ? _zones.KthPlace(scores, new KnownKeys(keys), wanted) : PickZones.Worst(scores, new KnownKeys(keys));
        for (var i = 0; i < uncertain; i++)
        {
            var place = new ScoreBound(scores[i], keys[i]);
            if (threshold.IsBefore(place) && place.IsBefore(best))
                best = place;
        }
        if (kept < quota && best != ScoreBound.Worst)
            return false;
        if (wanted > 0 && uncertain > 0 && worst.IsBefore(threshold))
            worst = threshold;
        return !best.IsBefore(worst);
    }

    private void Join(IReadOnlyList<ShardRecall> shards, int channel, int quota, ScoreBound threshold, MergePlan plan)
    {
        if (quota == 0)
            return;
        if (plan.Ranker == PreRanker.RecallScore)
            Stand(shards, channel, threshold, plan);
        for (var s = 0; s < shards.Count; s++)
        {
            var (shard, certainSent) = (shards[s], shards[s].Zone(channel).CertainSent);
            var entries = shard.Entries(channel);
            for (var i = 0; i < entries.Length; i++)
            {
                var isCandidate = entries[i].Candidate < shard.Candidates.Length;
                if (i < certainSent)
                    _isCertain[_offsets[s] + entries[i].Candidate] = _isMember[_offsets[s] + entries[i].Candidate] = true;
                else if (threshold.IsBefore(new ScoreBound(entries[i].Score, shard.KeyOf(entries[i]))))
                    continue;
                else if (isCandidate)
                    _isMember[_offsets[s] + entries[i].Candidate] = true;
                else if (entries[i].Candidate - shard.Candidates.Length >= shard.Summary.CertainKeys)
                    _uncertain.Add(shard.KeyOf(entries[i]));
            }
        }
    }

    // The recall-score pre-ranker, a reciprocal rank fusion (Cormack et al., SIGIR 2009): a channel's first counts 1 and its item at rank r
    // RankScale / (RankScale + r), times the channel's weight. Ranks, not scores, since the channels' scores have nothing in common.
    private void Stand(IReadOnlyList<ShardRecall> shards, int channel, ScoreBound threshold, MergePlan plan)
    {
        var count = 0;
        for (var s = 0; s < shards.Count; s++)
        {
            foreach (var entry in shards[s].Entries(channel))
            {
                var key = shards[s].KeyOf(entry);
                if (!threshold.IsBefore(new ScoreBound(entry.Score, key)))
                    (_scores[count], _keys[count], _places[count++]) = (entry.Score, key, _offsets[s] + entry.Candidate);
            }
        }
        if (count == 0)
            return;
        _best.Reset(count);
        _best.Offer(_scores.AsSpan(0, count), _keys.AsSpan(0, count), _places.AsSpan(0, count));
        _best.Complete(_picked);
        for (var rank = 0; rank < count; rank++)
            _preRank[_picked[rank]] += plan.Weights[channel] * (RankScale / (RankScale + rank));
    }

    // Pre-rank scores and keys of the members; others have no score and no key.
    private int Members(IReadOnlyList<ShardRecall> shards, PreRanker ranker)
    {
        var members = 0;
        for (var s = 0; s < shards.Count; s++)
        {
            var candidates = shards[s].Candidates;
            for (var c = 0; c < candidates.Length; c++)
            {
                var at = _offsets[s] + c;
                _memberKeys[at] = candidates[c].Key;
                if (ranker != PreRanker.RecallScore)
                    _preRank[at] = candidates[c].PreRank;
                _winner[at] = -1;
                members += _isMember[at] ? 1 : 0;
                if (_isMember[at] && !_isCertain[at])
                    _uncertain.Add(candidates[c].Key);
            }
        }
        return members;
    }

    private int Found(IReadOnlyList<ShardRecall> shards)
    {
        var found = _uncertain.Count;
        foreach (var shard in shards)
            found += shard.Summary.CertainItems;
        return found;
    }

    private void Reserve(int count)
    {
        if (_scores.Length < count)
            (_scores, _keys, _places, _picked) = (new float[count], new ulong[count], new int[count], new int[count]);
    }
}
