using System.Text.Json;

namespace KgOrleans.Api.Recommend;

/// <summary>The body of <c>POST /v1/recommend</c>.</summary>
public sealed record RecommendRequest
{
    /// <summary>For whom. An unknown user gets a cold-start page.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Scene, as in <c>feed</c>.</summary>
    public string Scene { get; init; } = "";

    /// <summary>Works wanted, 1..100; 10 when absent.</summary>
    public int? PageSize { get; init; }

    /// <summary><c>nextPageToken</c> of the page before.</summary>
    public string? PageToken { get; init; }

    /// <summary>Context of the request: those members that the scene declares (contextKeys).</summary>
    public RecommendContext? Context { get; init; }

    /// <summary>Predicate that every work must match, as in <c>{"field":"kind","in":["video"]}</c>.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>At most 1,000 ids of works that must not come back.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Whether the answer carries counts and times of every stage.</summary>
    public bool Explain { get; init; }

    /// <summary>Time for the request in milliseconds, 10..30,000; the scene's when absent.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>At most 16 opaque labels. They are kept with the request and change nothing.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Nothing is logged or remembered.</summary>
    public bool DryRun { get; init; }

    /// <summary>Seed of whatever is random; dry runs only.</summary>
    public long? Seed { get; init; }

    /// <summary>Time to answer as of; dry runs only.</summary>
    public DateTimeOffset? Now { get; init; }
}
