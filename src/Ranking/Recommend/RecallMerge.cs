using KgOrleans.Kernels;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recommend;

/// <summary>Round 1's answer of one shard.</summary>
/// <param name="Shard">Shard number.</param>
/// <param name="Candidates">Distinct candidates.</param>
/// <param name="Channels">Per <see cref="RecallChannel"/> its best.</param>
public readonly record struct ShardRecall(int Shard, ReadOnlyMemory<RecallCandidate> Candidates, IReadOnlyList<ReadOnlyMemory<ChannelEntry>> Channels);

/// <summary>A work that recall found, over all shards and channels.</summary>
public sealed class MergedCandidate
{
    /// <summary>Item key.</summary>
    public required ulong Key { get; init; }

    /// <summary>Shard that holds it.</summary>
    public required int Shard { get; init; }

    /// <summary>Row in the view that the shard answered from.</summary>
    public required int Row { get; init; }

    /// <summary>Fused dot product; NaN without a model.</summary>
    public required float PreRank { get; init; }

    /// <summary>Score of each channel, NaN where the channel did not keep it.</summary>
    public float[] ChannelScores { get; } = NoScores();

    /// <summary>Best standing in any channel: 1 for a channel's first, falling to 0 at the end of its quota. Stands in for the pre-rank score when there is no model.</summary>
    public float Standing { get; set; }

    private static float[] NoScores()
    {
        var scores = new float[RecallMerge.ChannelCount];
        Array.Fill(scores, float.NaN);
        return scores;
    }
}

/// <summary>Merges round 1 over the shards: quotas are global, so the answer does not depend on how many shards there are.</summary>
public static class RecallMerge
{
    /// <summary>Number of recall channels.</summary>
    public const int ChannelCount = 3;

    /// <summary>Per channel the best works of all shards up to its quota, united; in the order of the pre-rank score (standing without a model), then of keys.</summary>
    /// <param name="shards">Answers, in any order.</param>
    /// <param name="quotas">Quota of each channel.</param>
    public static List<MergedCandidate> Merge(IReadOnlyList<ShardRecall> shards, ReadOnlySpan<int> quotas)
    {
        // Shards hold disjoint items, so that a candidate is known by its shard and place: no look-up by key.
        var offsets = new int[shards.Count + 1];
        for (var s = 0; s < shards.Count; s++)
            offsets[s + 1] = offsets[s] + shards[s].Candidates.Length;
        var merged = new MergedCandidate?[offsets[^1]];
        var list = new List<MergedCandidate>();
        for (var channel = 0; channel < ChannelCount; channel++)
        {
            var total = 0;
            foreach (var shard in shards)
                total += shard.Channels[channel].Length;
            if (total == 0)
                continue;
            var scores = new float[total];
            var keys = new ulong[total];
            var origins = new (int Shard, int Candidate)[total];
            var n = 0;
            for (var s = 0; s < shards.Count; s++)
            {
                var candidates = shards[s].Candidates.Span;
                foreach (var entry in shards[s].Channels[channel].Span)
                {
                    scores[n] = entry.Score;
                    keys[n] = candidates[entry.Candidate].Key;
                    origins[n++] = (s, entry.Candidate);
                }
            }
            var picked = new int[Math.Min(total, quotas[channel])];
            var count = picked.Length == 0 ? 0 : TopK.Select(scores, keys, picked.Length, picked);
            for (var rank = 0; rank < count; rank++)
            {
                var (s, c) = origins[picked[rank]];
                var found = shards[s].Candidates.Span[c];
                ref var candidate = ref merged[offsets[s] + c];
                if (candidate is null)
                    list.Add(candidate = new MergedCandidate { Key = found.Key, Shard = shards[s].Shard, Row = found.Row, PreRank = found.PreRank });
                candidate.ChannelScores[channel] = scores[picked[rank]];
                candidate.Standing = Math.Max(candidate.Standing, 1f - (rank / (float)quotas[channel]));
            }
        }
        list.Sort(static (a, b) => Compare(a, b));
        return list;
    }

    /// <summary>
    /// Cuts a merged list, keeping its order: the best <paramref name="keep"/> works, but each channel's best <paramref name="minKeep"/> survive whatever their pre-rank score.
    /// </summary>
    public static List<MergedCandidate> Cut(List<MergedCandidate> merged, int keep, int minKeep)
    {
        if (merged.Count <= keep)
            return merged;
        var kept = new HashSet<ulong>();
        for (var channel = 0; channel < ChannelCount; channel++)
        {
            foreach (var candidate in merged.Where(c => !float.IsNaN(c.ChannelScores[channel]))
                .OrderByDescending(c => c.ChannelScores[channel]).ThenBy(c => c.Key).Take(Math.Min(minKeep, keep / ChannelCount)))
                kept.Add(candidate.Key);
        }
        foreach (var candidate in merged)
        {
            if (kept.Count >= keep)
                break;
            kept.Add(candidate.Key);
        }
        return merged.FindAll(c => kept.Contains(c.Key));
    }

    /// <summary>Relevance in 0..1 that diversity after pre-ranking works with: the logistic function of the fused dot product, or the standing without a model.</summary>
    public static float Relevance(MergedCandidate candidate) =>
        float.IsNaN(candidate.PreRank) ? candidate.Standing : Fusion.Sigmoid(candidate.PreRank);

    private static int Compare(MergedCandidate a, MergedCandidate b)
    {
        // Works without a vector stand behind all that have one.
        var byScore = float.IsNaN(a.PreRank) != float.IsNaN(b.PreRank)
            ? float.IsNaN(a.PreRank).CompareTo(float.IsNaN(b.PreRank))
            : float.IsNaN(a.PreRank) ? b.Standing.CompareTo(a.Standing) : b.PreRank.CompareTo(a.PreRank);
        return byScore != 0 ? byScore : a.Key.CompareTo(b.Key);
    }
}
