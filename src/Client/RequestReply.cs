using System.Text.Json;

namespace KgOrleans.Client;

/// <summary>A request that the service remembers, with its answer.</summary>
public sealed record RequestReply
{
    /// <summary>Id of the request.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>When the service answered.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The user.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The scene.</summary>
    public string Scene { get; init; } = "";

    /// <summary>Items asked for.</summary>
    public int PageSize { get; init; }

    /// <summary>Whether the request continued a chain of pages.</summary>
    public bool Continued { get; init; }

    /// <summary>Whether it was a dry run.</summary>
    public bool DryRun { get; init; }

    /// <summary>Labels of the caller.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Number of items that the caller excluded.</summary>
    public int Excluded { get; init; }

    /// <summary>The caller's filter.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>The caller's context.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>The answer, with its funnel and without the token of the next page.</summary>
    public RecommendReply Answer { get; init; } = new();
}
