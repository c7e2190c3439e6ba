using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Interfaces;

/// <summary>What a request asked and how its answer came about, for <c>GET /v1/requests/{requestId}</c>. Kept in memory for a while, never on disk.</summary>
[GenerateSerializer, Immutable, Alias("kg.RequestRecord")]
public sealed record RequestRecord
{
    /// <summary>When it was answered.</summary>
    [Id(0)] public DateTimeOffset At { get; init; }

    /// <summary>User that the page was for.</summary>
    [Id(1)] public string UserId { get; init; } = "";

    /// <summary>Scene.</summary>
    [Id(2)] public string Scene { get; init; } = "";

    /// <summary>Items asked for.</summary>
    [Id(3)] public int PageSize { get; init; }

    /// <summary>Whether it continued a chain of pages.</summary>
    [Id(4)] public bool Continued { get; init; }

    /// <summary>Whether it was a dry run.</summary>
    [Id(5)] public bool DryRun { get; init; }

    /// <summary>Items that the caller excluded.</summary>
    [Id(6)] public int Excluded { get; init; }

    /// <summary>Filter as UTF-8 JSON; null for none.</summary>
    [Id(7)] public byte[]? Filter { get; init; }

    /// <summary>The answer with its funnel report, without the next page's token.</summary>
    [Id(8)] public RecommendAnswer Answer { get; init; } = new();

    /// <summary>Context of the request; null for none.</summary>
    [Id(9)] public ServingContext? Context { get; init; }

    /// <summary>The caller's labels.</summary>
    [Id(10)] public Dictionary<string, string> Labels { get; init; } = [];

    /// <summary>The record of a request.</summary>
    public static RequestRecord Of(RecommendCommand command, RecommendAnswer answer, DateTimeOffset at) => new()
    {
        At = at,
        UserId = command.UserId,
        Scene = command.Scene,
        PageSize = command.PageSize,
        Continued = command.PageState is not null,
        DryRun = command.DryRun,
        Excluded = command.Exclude.Length,
        Filter = command.Filter,
        Context = command.Context,
        Labels = command.Labels,
        Answer = answer,
    };
}

/// <summary>A silo's request records as the Dashboard shows them.</summary>
[GenerateSerializer, Alias("kg.RequestLogView")]
public sealed record RequestLogView
{
    /// <summary>Silo that keeps them.</summary>
    [Id(0)] public string Silo { get; init; } = "";

    /// <summary>Records kept.</summary>
    [Id(1)] public int Records { get; init; }

    /// <summary>Bytes that they are estimated to take.</summary>
    [Id(2)] public long Bytes { get; init; }

    /// <summary>Time of the oldest, ISO 8601; empty when there is none.</summary>
    [Id(3)] public string Oldest { get; init; } = "";

    /// <summary>Ids of the newest, newest first.</summary>
    [Id(4)] public List<string> Newest { get; init; } = [];
}
