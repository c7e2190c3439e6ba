namespace KgOrleans.Api.Documents;

/// <summary>How a bulk upload ended. Accepted documents are durable.</summary>
/// <param name="Accepted">Documents written.</param>
/// <param name="Rejected">The first 1,000 that were not, by line.</param>
/// <param name="RejectedCount">All that were not.</param>
public sealed record BulkAnswer(long Accepted, IReadOnlyList<RejectedLine> Rejected, long RejectedCount);

/// <summary>A document that was not written.</summary>
/// <param name="Line">Line of an NDJSON body, or place in a JSON array, from 1.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Message">Field and reason.</param>
public sealed record RejectedLine(long Line, string Code, string Message);
