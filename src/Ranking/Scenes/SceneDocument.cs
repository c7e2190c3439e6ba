using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>A scene: what each stage of the funnel does for one surface of the product.</summary>
public sealed record SceneDocument
{
    /// <summary>Name, as callers send it in <c>scene</c>.</summary>
    public string Scene { get; init; } = "";

    /// <summary>What the scene is for.</summary>
    public string? Description { get; init; }

    /// <summary>Time for a whole request, in milliseconds, when the caller sends no <c>timeoutMs</c>.</summary>
    public int DeadlineMs { get; init; } = 1_000;

    /// <summary>Members of <c>context</c> that callers may send; others are refused.</summary>
    public IReadOnlyList<string> ContextKeys { get; init; } = SceneLimits.ContextKeys;

    /// <summary>Which items the scene draws from.</summary>
    public DiscoverySettings Discovery { get; init; } = new();

    /// <summary>
    /// Classes of content: their traffic weights, which multiply and enter both diversity steps, and the shares of served positions that they are held to.
    /// </summary>
    public IReadOnlyList<TrafficClass> Traffic { get; init; } = [];

    /// <summary>The recall channels.</summary>
    public RecallSettings Recall { get; init; } = new();

    /// <summary>Pre-ranking and its diversity step.</summary>
    public PreRankSettings PreRank { get; init; } = new();

    /// <summary>Fine ranking and the fusion of its objectives.</summary>
    public FineRankSettings FineRank { get; init; } = new();

    /// <summary>Re-ranking: diversity, rules and pins.</summary>
    public ReRankSettings ReRank { get; init; } = new();

    /// <summary>Random variation of the order in a share of requests.</summary>
    public ExplorationSettings Exploration { get; init; } = new();

    /// <summary>What counts as seen.</summary>
    public SeenSettings Seen { get; init; } = new();
}
