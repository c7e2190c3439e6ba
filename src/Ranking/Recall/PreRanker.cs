namespace KgOrleans.Ranking.Recall;

/// <summary>What pre-ranking orders by.</summary>
public enum PreRanker : byte
{
    /// <summary>The two towers: user vector . item vector.</summary>
    Towers = 0,

    /// <summary>Real-time statistics of the item: smoothed rates of plays and likes, and popularity. The article's first pre-ranker.</summary>
    Statistics = 1,

    /// <summary>The recall channels' own scores, weighted.</summary>
    RecallScore = 2,
}
