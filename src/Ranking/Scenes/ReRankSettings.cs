namespace KgOrleans.Ranking.Scenes;

/// <summary>Re-ranking: an optional list-wise model, diversity, then rules.</summary>
public sealed record ReRankSettings
{
    /// <summary>How the diversity step chooses.</summary>
    public DiversityMethod Diversity { get; init; } = DiversityMethod.Dpp;

    /// <summary>Trade-off between relevance (1) and diversity (0).</summary>
    public double Theta { get; init; } = 0.7;

    /// <summary>How far the user's breadth of taste moves theta: theta - effect x (breadth - 0.5).</summary>
    public double BreadthEffect { get; init; }

    /// <summary>Diversity window, in items. It spans pages.</summary>
    public int Window { get; init; } = 10;

    /// <summary>Share of the similarity that comes from the kind alone.</summary>
    public double KindShare { get; init; } = 0.1;

    /// <summary>Whether the bundle's list-wise re-ranker, if any, scores the list again before diversity.</summary>
    public bool ListWise { get; init; }

    /// <summary>Factors of the fine score, before diversity.</summary>
    public IReadOnlyList<Boost> Boosts { get; init; } = [];

    /// <summary>Window rules, most important first.</summary>
    public IReadOnlyList<WindowRule> Rules { get; init; } = [new() { Field = "creatorId", Max = 1, In = 2 }, new() { Field = "songId", Max = 1, In = 2 }];

    /// <summary>Minimum shares, most important first.</summary>
    public IReadOnlyList<ShareRule> Shares { get; init; } = [];

    /// <summary>Items at fixed positions of the first page.</summary>
    public IReadOnlyList<Pin> Pins { get; init; } = [];
}
