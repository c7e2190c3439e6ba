using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Scenes;

/// <summary>A scene's pipeline: what each stage of the funnel does for one surface of the product.</summary>
public sealed record SceneDocument
{
    /// <summary>Name, as callers send it in <c>scene</c>.</summary>
    public string Scene { get; init; } = "";

    /// <summary>Oldest work that is still recommended, in days since publishing; the article's three months.</summary>
    public double AgeWindowDays { get; init; } = 92;

    /// <summary>Time for a whole request in milliseconds when the caller sends no <c>timeoutMs</c>.</summary>
    public int DeadlineMs { get; init; } = 1_000;

    /// <summary>Recall.</summary>
    public RecallSettings Recall { get; init; } = new();

    /// <summary>Pre-ranking.</summary>
    public PreRankSettings PreRank { get; init; } = new();

    /// <summary>Fine ranking.</summary>
    public FineRankSettings FineRank { get; init; } = new();

    /// <summary>Re-ranking.</summary>
    public ReRankSettings ReRank { get; init; } = new();

    /// <summary>What counts as seen.</summary>
    public SeenSettings Seen { get; init; } = new();
}

/// <summary>Quotas of the recall channels, in works over the whole catalogue; 0 switches a channel off.</summary>
public sealed record RecallSettings
{
    /// <summary>Best works by user vector . item vector.</summary>
    public int ModelQuota { get; init; } = 1_200;

    /// <summary>Works of the tags, songs and creators that the user likes, by summed interest.</summary>
    public int IndexQuota { get; init; } = 800;

    /// <summary>Works with the highest time-decayed popularity.</summary>
    public int HotQuota { get; init; } = 300;
}

/// <summary>Pre-ranking and the diversity step after it.</summary>
public sealed record PreRankSettings
{
    /// <summary>Weight of each objective's head in the fused dot product.</summary>
    public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>Works that each channel keeps through pre-ranking whatever their score; without it the other channels would be decoration.</summary>
    public int MinKeep { get; init; } = 20;

    /// <summary>Works that are fetched after merging.</summary>
    public int Merge { get; init; } = 600;

    /// <summary>Works that diversity picks first; the rest follows by score.</summary>
    public int DiversePicks { get; init; } = 64;

    /// <summary>Diversity window of those picks: how many newest picks a pick is compared with.</summary>
    public int Window { get; init; } = 16;

    /// <summary>Trade-off between relevance (1) and diversity (0), at most 0.98.</summary>
    public double Theta { get; init; } = 0.9;

    /// <summary>Most works of one creator that go on to fine ranking.</summary>
    public int CreatorCap { get; init; } = 8;

    /// <summary>Works that go on to fine ranking.</summary>
    public int Keep { get; init; } = 300;
}

/// <summary>Fine ranking and the fusion of its objectives.</summary>
public sealed record FineRankSettings
{
    /// <summary>Exponent of each objective's probability in the fused score: the product of p_k ^ e_k, brought back to 0..1 by the sum of the exponents.</summary>
    public IReadOnlyDictionary<string, double> Exponents { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>Works that go on to re-ranking.</summary>
    public int Keep { get; init; } = 100;
}

/// <summary>Re-ranking: diversity, then rules.</summary>
public sealed record ReRankSettings
{
    /// <summary>Trade-off between relevance (1) and diversity (0), at most 0.98.</summary>
    public double Theta { get; init; } = 0.7;

    /// <summary>Diversity window, in works; spans pages.</summary>
    public int Window { get; init; } = 10;

    /// <summary>Window rules, most important first. When they cannot all hold, the last is given up first.</summary>
    public IReadOnlyList<WindowRule> Rules { get; init; } = [new WindowRule("creatorId", 1, 2), new WindowRule("songId", 1, 2)];
}

/// <summary>At most <paramref name="Max"/> works with the same value of a field among any <paramref name="In"/> in a row.</summary>
/// <param name="Field"><c>creatorId</c>, <c>songId</c> or <c>kind</c>.</param>
/// <param name="Max">Most works with one value.</param>
/// <param name="In">Length of the window, 2..32.</param>
public sealed record WindowRule(string Field, int Max, int In);

/// <summary>What counts as seen in a scene.</summary>
public sealed record SeenSettings
{
    /// <summary>Types of event that mark a work as seen; those of <see cref="EventTypes"/> by default.</summary>
    public IReadOnlyList<EventType> Types { get; init; } = [.. EventTypes.All.Where(t => t.Seen).Select(t => t.Type)];

    /// <summary>How long, in days.</summary>
    public double Days { get; init; } = 30;

    /// <summary>Newest works that count.</summary>
    public int Max { get; init; } = Users.SeenSet.Capacity;
}
