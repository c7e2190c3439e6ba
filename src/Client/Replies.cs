
namespace KgOrleans.Client;

/// <summary>Answer to a bulk write of items or users.</summary>
public sealed record BulkReply
{
    /// <summary>Documents that are durable.</summary>
    public long Accepted { get; init; }

    /// <summary>The first of the refused lines.</summary>
    public IReadOnlyList<RejectedLine> Rejected { get; init; } = [];

    /// <summary>How many lines were refused.</summary>
    public long RejectedCount { get; init; }
}

/// <summary>A line that was refused; lines count from 1.</summary>
public sealed record RejectedLine(long Line, string Code, string Message);

/// <summary>Answer to a batch of events.</summary>
public sealed record EventsReply
{
    /// <summary>Events that are durable.</summary>
    public long Accepted { get; init; }

    /// <summary>Events that were durable before.</summary>
    public long Duplicates { get; init; }

    /// <summary>Events that were refused.</summary>
    public IReadOnlyList<RejectedEvent> Rejected { get; init; } = [];
}

/// <summary>An event that was refused; indexes count from 0.</summary>
public sealed record RejectedEvent(int Index, string Code, string Message, bool Retryable);

/// <summary>The cluster, as far as this program reads it.</summary>
public sealed record ClusterReply
{
    /// <summary>Items of all shards.</summary>
    public long Items { get; init; }
}
