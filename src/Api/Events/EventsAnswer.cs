namespace KgOrleans.Api.Events;

/// <summary>The body of <c>POST /v1/events</c>.</summary>
public sealed record EventsRequest
{
    /// <summary>1..10,000 events, in the order that they happened.</summary>
    public IReadOnlyList<Ranking.Events.UserEvent> Events { get; init; } = [];
}

/// <summary>How the events of a call ended. Accepted ones are durable.</summary>
/// <param name="Accepted">Events that are durable now and were not before.</param>
/// <param name="Duplicates">Events that were durable before.</param>
/// <param name="Rejected">Events that were not recorded, in the order sent.</param>
public sealed record EventsAnswer(int Accepted, int Duplicates, IReadOnlyList<RejectedEvent> Rejected)
{
    /// <summary>All events that were not recorded; of an NDJSON body only the first 1,000 are listed.</summary>
    public long RejectedCount { get; init; }
}

/// <summary>An event that was not recorded.</summary>
/// <param name="Index">Its index in the call; of an NDJSON body the number of lines before it.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Message">Field and reason.</param>
/// <param name="Retryable">Whether the same event may be accepted later.</param>
public sealed record RejectedEvent(int Index, string Code, string Message, bool Retryable)
{
    /// <summary>Its line in an NDJSON body, from 1; absent for other bodies.</summary>
    public long? Line { get; init; }
}
