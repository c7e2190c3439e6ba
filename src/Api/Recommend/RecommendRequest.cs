using System.Text.Json;

namespace KgOrleans.Api.Recommend;

/// <summary>The body of <c>POST /v1/recommend</c>.</summary>
public sealed record RecommendRequest
{
    /// <summary>User that the page is for. An unknown user gets a cold-start page.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Scene, as in <c>feed</c>.</summary>
    public string Scene { get; init; } = "";

    /// <summary>Items wanted, 1..100; 10 when absent.</summary>
    public int? PageSize { get; init; }

    /// <summary><c>nextPageToken</c> of the page before.</summary>
    public string? PageToken { get; init; }

    /// <summary>Context of the request: those members that the scene declares (contextKeys).</summary>
    public RecommendContext? Context { get; init; }

    /// <summary>Predicate that every item must match, as in <c>{"field":"kind","in":["video"]}</c>.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>At most 1,000 ids of items that must not be on the page, nor on the pages that continue it.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }

    /// <summary>Whether the answer carries counts and times of every stage.</summary>
    public bool Explain { get; init; }

    /// <summary>Time for the request in milliseconds, 10..30,000; the scene's when absent.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>At most 16 opaque labels. They are kept with the request's record and do not change the page.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Nothing is logged or remembered.</summary>
    public bool DryRun { get; init; }

    /// <summary>Seed of everything random; dry runs only.</summary>
    public long? Seed { get; init; }

    /// <summary>Time to answer as of; dry runs only.</summary>
    public DateTimeOffset? Now { get; init; }
}
