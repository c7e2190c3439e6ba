namespace KgOrleans.Ranking.Recall;

/// <summary>An item that recall found and pre-ranking kept.</summary>
public sealed class MergedCandidate
{
    /// <summary>Item key.</summary>
    public required ulong Key { get; init; }

    /// <summary>Shard that holds it.</summary>
    public required int Shard { get; init; }

    /// <summary>Row in the view that the shard answered from.</summary>
    public required int Row { get; init; }

    /// <summary>Pre-rank score; NaN for an item that the pre-ranker cannot score: one without an item vector.</summary>
    public required float PreRank { get; init; }

    /// <summary>Relevance in 0..1 for diversity after pre-ranking.</summary>
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
