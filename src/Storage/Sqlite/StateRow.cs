namespace KgOrleans.Storage.Sqlite;

/// <summary>A stored state.</summary>
/// <param name="Payload">Its bytes; empty for one that was cleared but not deleted.</param>
/// <param name="Version">Its version, which is its ETag.</param>
/// <param name="Damage">Why the bytes cannot be trusted; null when they can.</param>
internal readonly record struct StateRow(byte[] Payload, long Version, StorageException? Damage = null);
