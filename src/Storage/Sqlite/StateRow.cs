namespace KgOrleans.Storage.Sqlite;

/// <summary>A stored state: its bytes (empty for one that was cleared but not deleted) and its version, which is its ETag.</summary>
internal readonly record struct StateRow(byte[] Payload, long Version);
