namespace KgOrleans.Storage.Logs;

/// <summary>A durable, append-only sequence of records. All members may be called concurrently.</summary>
/// <remarks>Positions are opaque and grow along the log; the first record's position is above 0, and 0 stands for "from the beginning".</remarks>
public interface IRecordLog : IAsyncDisposable
{
    /// <summary>The name under which the store opened it.</summary>
    string Name { get; }

    /// <summary>What tells this log from every other one, also from an empty one of the same name.</summary>
    Guid Id { get; }

    /// <summary>Counts the writers that the log has had; the newest one has fenced those before.</summary>
    long Epoch { get; }

    /// <summary>Why the log takes no more appends until it is reopened; null while it takes them.</summary>
    string? Failure { get; }

    /// <summary>Where the records that are kept start.</summary>
    long FirstPosition { get; }

    /// <summary>Whether the records that are kept are all that there ever were: nothing was trimmed.</summary>
    bool IsWhole { get; }

    /// <summary>Where the next record will go: everything below is durable and readable.</summary>
    long EndPosition { get; }

    /// <summary>
    /// Appends records in order, next to one another, and completes when they are durable. Concurrent appends share one flush. After a crash a prefix
    /// of an unacknowledged append may be present.
    /// </summary>
    /// <param name="records">
    /// Payloads of at most <see cref="LogLimits.MaxRecordBytes"/> each and <see cref="LogLimits.MaxAppendBytes"/> together. They must not change before
    /// the returned task completes.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for a place in the queue; once queued, the append runs to its end.</param>
    /// <exception cref="ArgumentException">A record or the whole append is over its limit.</exception>
    /// <exception cref="StorageException">
    /// Transient (a full disk): nothing was appended, and the log takes appends again as soon as it can. Otherwise nobody knows what was appended, and the log
    /// takes no more appends until it is opened again; for good when it is a <see cref="LogFencedException"/>.
    /// </exception>
    ValueTask<AppendResult> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken = default);

    /// <summary>Reads the records from a position to what was the end when the enumeration began.</summary>
    /// <param name="fromPosition">0, a record's position, a record's next position, or the end.</param>
    /// <param name="cancellationToken">Stops the enumeration.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position lies outside the log.</exception>
    /// <exception cref="LogCorruptException">No valid record starts at the position reached.</exception>
    IAsyncEnumerable<LogRecord> ReadAsync(long fromPosition = 0, CancellationToken cancellationToken = default);

    /// <summary>Reads one record's payload and verifies its checksum.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The position lies outside the log.</exception>
    /// <exception cref="LogCorruptException">No valid record starts there.</exception>
    ValueTask<ReadOnlyMemory<byte>> ReadAtAsync(long position, CancellationToken cancellationToken = default);

    /// <summary>Gives up whole segments below a position; records at or above it stay. Their positions are not used again.</summary>
    /// <exception cref="StorageException">The log cannot be written.</exception>
    ValueTask TrimAsync(long before, CancellationToken cancellationToken = default);

    /// <summary>Waits until the log reaches beyond the position; false when the log was closed instead.</summary>
    ValueTask<bool> WaitForAppendAsync(long position, CancellationToken cancellationToken = default);
}
