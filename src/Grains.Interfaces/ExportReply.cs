namespace KgOrleans.Grains.Interfaces;

/// <summary>A part of what a shard or an event partition holds.</summary>
/// <param name="Lines">UTF-8 NDJSON: one document or event to a line, each line ended.</param>
/// <param name="Next">Where the next part starts; null when this is the last one.</param>
/// <param name="Warming">Whether the shard is still loading, so that nothing can be told.</param>
[GenerateSerializer, Immutable, Alias("kg.ExportReply")]
public sealed record ExportReply([property: Id(0)] byte[] Lines, [property: Id(1)] ulong? Next, [property: Id(2)] bool Warming);
