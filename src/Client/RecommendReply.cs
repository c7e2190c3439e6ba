namespace KgOrleans.Client;

/// <summary>A page.</summary>
public sealed record RecommendReply
{
    /// <summary>Id of the request; events about its items carry it.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>The items, best first.</summary>
    public IReadOnlyList<RecommendedItem> Items { get; init; } = [];

    /// <summary>Token of the next page; null after the last page.</summary>
    public string? NextPageToken { get; init; }

    /// <summary>What the service could not do as it should; empty for a full answer.</summary>
    public IReadOnlyList<Degradation> Degraded { get; init; } = [];

    /// <summary>Version of the model bundle; null when none took part.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Version of the scene.</summary>
    public int SceneVersion { get; init; }

    /// <summary>Experiment to variant.</summary>
    public IReadOnlyDictionary<string, string> Experiments { get; init; } = new Dictionary<string, string>();

    /// <summary>Milliseconds that the request took inside the service.</summary>
    public double TookMs { get; init; }

    /// <summary>Counts and times of the stages; null unless the request asked for them.</summary>
    public Funnel? Funnel { get; init; }
}

/// <summary>Something that the service could not do as it should.</summary>
/// <param name="Stage">Stage of the funnel.</param>
/// <param name="Reason">Stable code, as in <c>shardTimeout</c>.</param>
/// <param name="Detail">Text for people.</param>
public sealed record Degradation(string Stage, string Reason, string? Detail);
