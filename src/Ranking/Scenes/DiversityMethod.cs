namespace KgOrleans.Ranking.Scenes;

/// <summary>How a diversity step chooses.</summary>
public enum DiversityMethod : byte
{
    /// <summary>Greedy determinantal point process with a sliding window.</summary>
    Dpp = 0,

    /// <summary>Maximal marginal relevance.</summary>
    Mmr = 1,

    /// <summary>Embedding scatter: skips items that are closer than a distance to a pick in the window.</summary>
    Scatter = 2,

    /// <summary>No diversity: relevance alone.</summary>
    None = 3,
}
