namespace KgOrleans.Storage.Logs;

/// <summary>A record as read back.</summary>
/// <param name="Position">Where it starts; accepted by <see cref="IRecordLog.ReadAtAsync"/>.</param>
/// <param name="Payload">Its bytes. Neighbouring payloads may share one array: copy what is kept for long.</param>
/// <param name="NextPosition">Where the next record starts, or will start.</param>
public readonly record struct LogRecord(long Position, ReadOnlyMemory<byte> Payload, long NextPosition);
