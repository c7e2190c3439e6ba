namespace KgOrleans.Storage.Events;

/// <summary>An event as read back.</summary>
/// <param name="Partition">Partition of the event log.</param>
/// <param name="Position">Where the event stands in the partition.</param>
/// <param name="NextPosition">Where to continue after it: what a consumer checkpoints.</param>
/// <param name="IdHash">Hash of the event's id.</param>
/// <param name="Payload">The event. Neighbouring payloads may share one array: copy what is kept for long.</param>
public readonly record struct EventLogRecord(int Partition, long Position, long NextPosition, ulong IdHash, ReadOnlyMemory<byte> Payload);
