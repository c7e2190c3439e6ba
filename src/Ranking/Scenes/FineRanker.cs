namespace KgOrleans.Ranking.Scenes;

/// <summary>What orders the items that pre-ranking keeps.</summary>
public enum FineRanker : byte
{
    /// <summary>The bundle's ranker, where there is a bundle that has one.</summary>
    Model = 0,

    /// <summary>Nothing: the order of pre-ranking stands.</summary>
    None = 1,
}
