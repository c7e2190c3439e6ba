namespace KgOrleans.Client;

/// <summary>A request for a page. Members left out take the service's defaults.</summary>
public sealed record RecommendRequest
{
    /// <summary>The user to recommend for.</summary>
    public required string UserId { get; init; }

    /// <summary>The scene, as in <c>feed</c>.</summary>
    public required string Scene { get; init; }

    /// <summary>Items on the page, 1..100.</summary>
    public int? PageSize { get; init; }

    /// <summary><see cref="RecommendReply.NextPageToken"/> of the page before.</summary>
    public string? PageToken { get; init; }

    /// <summary>Ids of items that must not be on the page, at most 1,000.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Whether the answer carries the counts and times of every stage.</summary>
    public bool? Explain { get; init; }

    /// <summary>Time for the request in milliseconds, 10..30,000.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>Whether the service logs and remembers nothing of the request.</summary>
    public bool? DryRun { get; init; }

    /// <summary>Seed of the random choices; with <see cref="DryRun"/> only.</summary>
    public long? Seed { get; init; }

    /// <summary>The time to answer as of; with <see cref="DryRun"/> only.</summary>
    public DateTimeOffset? Now { get; init; }
}
