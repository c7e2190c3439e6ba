namespace KgOrleans.Storage.Logs;

/// <summary>Opens durable logs by name and keeps small documents beside them. Local disk or append blobs.</summary>
/// <remarks>Names are 1 to 64 characters of <c>[a-z0-9-]</c>, so that no name can address anything outside the store.</remarks>
public interface ILogStore
{
    /// <summary>
    /// Takes a log over, creating it when absent. The caller owns and disposes it. Whoever had it is fenced: their appends fail with
    /// <see cref="LogFencedException"/>, and all that they were told is durable is here.
    /// </summary>
    /// <exception cref="ArgumentException">The name is malformed.</exception>
    /// <exception cref="LogCorruptException">The log is damaged before its end; nothing was changed.</exception>
    /// <exception cref="StorageException">The log is unreadable, of a newer format, or another writer takes it at the same time.</exception>
    ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Names of the logs that exist, in ordinal order.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Whether any log holds a record. Opens no log.</summary>
    ValueTask<bool> HasRecordsAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads a small document, or null when it was never written.</summary>
    ValueTask<byte[]?> ReadDocumentAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Replaces a small document atomically; durable when it returns.</summary>
    ValueTask WriteDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);
}
