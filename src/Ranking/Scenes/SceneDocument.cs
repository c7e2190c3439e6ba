using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>A scene's pipeline: what each stage of the funnel does for one surface of the product.</summary>
public sealed record SceneDocument
{
    /// <summary>Name, as callers send it in <c>scene</c>.</summary>
    public string Scene { get; init; } = "";

    /// <summary>What the scene is for.</summary>
    public string? Description { get; init; }

    /// <summary>Time for a whole request in milliseconds when the caller sends no <c>timeoutMs</c>.</summary>
    public int DeadlineMs { get; init; } = 1_000;

    /// <summary>Members of <c>context</c> that callers may send; others are refused.</summary>
    public IReadOnlyList<string> ContextKeys { get; init; } = SceneLimits.ContextKeys;

    /// <summary>Content discovery: which works the scene draws from.</summary>
    public DiscoverySettings Discovery { get; init; } = new();

    /// <summary>Traffic policy by class of content: the weights of all classes that a work belongs to are multiplied and enter both diversity steps; a class of weight 0 is not admitted.</summary>
    public IReadOnlyList<TrafficClass> Traffic { get; init; } = [];

    /// <summary>Recall.</summary>
    public RecallSettings Recall { get; init; } = new();

    /// <summary>Pre-ranking.</summary>
    public PreRankSettings PreRank { get; init; } = new();

    /// <summary>Fine ranking.</summary>
    public FineRankSettings FineRank { get; init; } = new();

    /// <summary>Re-ranking.</summary>
    public ReRankSettings ReRank { get; init; } = new();

    /// <summary>Exploration.</summary>
    public ExplorationSettings Exploration { get; init; } = new();

    /// <summary>What counts as seen.</summary>
    public SeenSettings Seen { get; init; } = new();
}
