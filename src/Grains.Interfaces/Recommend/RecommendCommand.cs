using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Interfaces;

/// <summary>A valid request for a page.</summary>
[GenerateSerializer, Immutable, Alias("kg.RecommendCommand")]
public sealed record RecommendCommand
{
    /// <summary>Id of the request, made by the API.</summary>
    [Id(0)] public string RequestId { get; init; } = "";

    /// <summary>User that the page is for.</summary>
    [Id(1)] public string UserId { get; init; } = "";

    /// <summary>Scene.</summary>
    [Id(2)] public string Scene { get; init; } = "";

    /// <summary>Items wanted, 1..100.</summary>
    [Id(3)] public int PageSize { get; init; }

    /// <summary>State carried by the page token (<see cref="PageState"/>), already verified; null for a first page.</summary>
    [Id(4)] public byte[]? PageState { get; init; }

    /// <summary>Ids of items that must not be on the page.</summary>
    [Id(5)] public string[] Exclude { get; init; } = [];

    /// <summary>Filter as UTF-8 JSON, valid; null for none.</summary>
    [Id(6)] public byte[]? Filter { get; init; }

    /// <summary>Whether the answer carries counts and times of every stage.</summary>
    [Id(7)] public bool Explain { get; init; }

    /// <summary>Time for the request; null for the scene's.</summary>
    [Id(8)] public int? TimeoutMs { get; init; }

    /// <summary>Nothing is logged or remembered.</summary>
    [Id(9)] public bool DryRun { get; init; }

    /// <summary>Seed of everything random; dry runs only.</summary>
    [Id(10)] public long? Seed { get; init; }

    /// <summary>Time to answer as of, unix milliseconds; dry runs only.</summary>
    [Id(11)] public long? Now { get; init; }

    /// <summary>Context of the request; null for none.</summary>
    [Id(12)] public ServingContext? Context { get; init; }

    /// <summary>The caller's labels. They are kept with the request's record and do not change the page.</summary>
    [Id(13)] public Dictionary<string, string> Labels { get; init; } = [];
}
