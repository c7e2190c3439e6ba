namespace KgOrleans.Ranking.Recall;

/// <summary>How round 1 is merged.</summary>
public sealed record MergePlan
{
    /// <summary>Shards that share the catalogue.</summary>
    public required int Shards { get; init; }

    /// <summary>Quota of each channel over the whole catalogue.</summary>
    public required int[] Quotas { get; init; }

    /// <summary>Number of winners.</summary>
    public required int Merge { get; init; }

    /// <summary>Per channel how many of its best win whatever their pre-rank score; at most an equal share of the winners.</summary>
    public required int[] MinKeep { get; init; }

    /// <summary>The pre-ranker.</summary>
    public PreRanker Ranker { get; init; }

    /// <summary>Weight of each channel, for <see cref="PreRanker.RecallScore"/>.</summary>
    public float[] Weights { get; init; } = [];

    /// <summary>What shards may leave out under this plan; null where the order needs the rank of every item.</summary>
    public RecallPruning? Pruning =>
        Ranker == PreRanker.RecallScore ? null : new RecallPruning(Shards, Merge, [.. MinKeep.Select(k => Math.Min(k, Merge / RecallChannels.Count))]);
}
