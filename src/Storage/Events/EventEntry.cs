namespace KgOrleans.Storage.Events;

/// <summary>An event to append.</summary>
/// <param name="IdHash">64-bit hash of what makes the event unique. Two events of one partition with the same hash are the same event.</param>
/// <param name="Payload">The event itself, opaque here; at most <see cref="EventLog.MaxPayloadBytes"/>. Copied by the call.</param>
public readonly record struct EventEntry(ulong IdHash, ReadOnlyMemory<byte> Payload);
