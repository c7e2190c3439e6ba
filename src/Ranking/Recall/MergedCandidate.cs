namespace KgOrleans.Ranking.Recall;

/// <summary>A work that recall found and pre-ranking kept.</summary>
public sealed class MergedCandidate
{
    /// <summary>Item key.</summary>
    public required ulong Key { get; init; }

    /// <summary>Shard that holds it.</summary>
    public required int Shard { get; init; }

    /// <summary>Row in the view that the shard answered from.</summary>
    public required int Row { get; init; }

    /// <summary>Pre-rank score; NaN for a work that the pre-ranker cannot score: one without an item vector.</summary>
    public required float PreRank { get; init; }

    /// <summary>Relevance in 0..1 that diversity after pre-ranking works with.</summary>
    public required float Relevance { get; init; }

    /// <summary>Score of each channel, NaN where the channel did not keep it.</summary>
    public float[] ChannelScores { get; } = NoScores();

    private static float[] NoScores()
    {
        var scores = new float[RecallChannels.Count];
        Array.Fill(scores, float.NaN);
        return scores;
    }
}

/// <summary>How round 1 is merged.</summary>
public sealed record MergePlan
{
    /// <summary>Shards that share the catalogue.</summary>
    public required int Shards { get; init; }

    /// <summary>Quota of each channel over the whole catalogue.</summary>
    public required int[] Quotas { get; init; }

    /// <summary>Winners.</summary>
    public required int Merge { get; init; }

    /// <summary>Per channel its best that win whatever their pre-rank score, at most an equal share of the winners.</summary>
    public required int[] MinKeep { get; init; }

    /// <summary>What orders the works.</summary>
    public PreRanker Ranker { get; init; }

    /// <summary>Weight of each channel, for <see cref="PreRanker.RecallScore"/>.</summary>
    public float[] Weights { get; init; } = [];

    /// <summary>Time that popularity is told as of, unix milliseconds.</summary>
    public long ScoreTime { get; init; }

    /// <summary>What shards may leave out under this plan; null where the order needs the standing of every work.</summary>
    public RecallPruning? Pruning => Ranker == PreRanker.RecallScore ? null : new RecallPruning(Shards, Merge, [.. MinKeep.Select(k => Math.Min(k, Merge / RecallChannels.Count))]);
}

/// <summary>What merging made of round 1.</summary>
/// <param name="Winners">Best first.</param>
/// <param name="Found">Distinct works that the channels found, winners or not.</param>
/// <param name="PerChannel">Works that each channel found.</param>
public sealed record MergedRecall(List<MergedCandidate> Winners, int Found, int[] PerChannel);
