using System.Text.Json;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Events;

/// <summary>The durable log of events, partitioned by user: order holds per partition, hence per user.</summary>
/// <remarks>
/// Appends are idempotent by event id within the newest <see cref="EventLogOptions.IdempotencyHorizon"/> events of a partition, across restarts.
/// Opening reads each partition from its newest checkpoint on, to recover those ids.
/// </remarks>
public sealed class EventLog : IAsyncDisposable
{
    /// <summary>Largest payload of one event, in bytes.</summary>
    public const int MaxPayloadBytes = LogLimits.MaxRecordBytes - sizeof(ulong);

    internal const string NamePrefix = "events-";
    private const string ManifestName = "events";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly EventPartition[] _partitions;
    private readonly AppliedProgress? _progress;

    private EventLog(EventPartition[] partitions, AppliedProgress? progress)
    {
        _partitions = partitions;
        _progress = progress;
        progress?.Start(() => Array.ConvertAll(partitions, partition => partition.AppliedTo()));
    }

    /// <summary>Number of partitions.</summary>
    public int Partitions => _partitions.Length;

    /// <summary>Where each partition begins: what was below has been given up.</summary>
    public long[] FirstPositions => Array.ConvertAll(_partitions, partition => partition.FirstPosition);

    /// <summary>The end of each partition: everything below is durable.</summary>
    public long[] EndPositions => Array.ConvertAll(_partitions, partition => partition.EndPosition);

    /// <summary>Why a partition takes no events now; null while all take them.</summary>
    public string? Failure => _partitions.Select(partition => partition.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>Why a partition takes no events now; null while it does.</summary>
    public string? FailureOf(int partition) => PartitionAt(partition).Failure;

    /// <summary>Opens the log in a store, creating it when absent.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="StorageException">The log exists with another number of partitions, or cannot be opened.</exception>
    public static async Task<EventLog> OpenAsync(ILogStore store, EventLogOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        await CheckManifestAsync(store, options.Partitions, cancellationToken);
        // Those who only read must not say how far users' states are.
        var progress = options.UserOf is null ? null : await AppliedProgress.OpenAsync(store, options.Partitions, cancellationToken);
        var partitions = new EventPartition[options.Partitions];
        try
        {
            for (int i = 0; i < partitions.Length; i++)
                partitions[i] = await EventPartition.OpenAsync(store, i, options, progress?.AppliedTo[i] ?? 0, cancellationToken);
            return new EventLog(partitions, progress);
        }
        catch
        {
            foreach (var partition in partitions)
            {
                if (partition is not null)
                    await partition.DisposeAsync();
            }
            throw;
        }
    }

    /// <summary>The partition of a user.</summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    public int PartitionOf(ulong userKey) => (int)(userKey % (ulong)_partitions.Length);

    /// <summary>Appends one user's events in order and completes when each is durable, by this call or an earlier one.</summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    /// <param name="events">The events.</param>
    /// <param name="cancellationToken">Stops the wait; events that were queued are written all the same, and a retry finds them as duplicates.</param>
    /// <exception cref="ArgumentException">A payload is over <see cref="MaxPayloadBytes"/>, or all together over <see
    /// cref="LogLimits.MaxAppendBytes"/>.</exception>
    /// <exception cref="StorageException">The partition's log could not be written.</exception>
    public async ValueTask<EventAppendResult> AppendAsync(ulong userKey, IReadOnlyList<EventEntry> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        cancellationToken.ThrowIfCancellationRequested();
        long total = 0;
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i].Payload.Length > MaxPayloadBytes)
                throw new ArgumentException($"Event {i} has {events[i].Payload.Length} bytes; an event holds at most {MaxPayloadBytes}.", nameof(events));
            total += events[i].Payload.Length + sizeof(ulong);
        }
        if (total > LogLimits.MaxAppendBytes)
            throw new ArgumentException($"The events have {total} bytes together; one call takes at most {LogLimits.MaxAppendBytes}.", nameof(events));
        return await _partitions[PartitionOf(userKey)].AppendAsync(userKey, events, cancellationToken);
    }

    /// <summary>
    /// Notes durably that a user was erased: their events so far are left out of exports and of all that is made of them later (<see cref="IsErased"/>), and
    /// their bytes go with the retention.
    /// </summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    /// <param name="cancellationToken">Stops the wait; what was queued is written all the same.</param>
    /// <exception cref="StorageException">The partition's log could not be written.</exception>
    public Task EraseAsync(ulong userKey, CancellationToken cancellationToken = default) =>
        _partitions[PartitionOf(userKey)].EraseAsync(userKey, cancellationToken);

    /// <summary>Whether the user of an event was erased after it.</summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    /// <param name="position">Position of the event.</param>
    public bool IsErased(ulong userKey, long position) => _partitions[PartitionOf(userKey)].IsErased(userKey, position);

    /// <summary>
    /// Gives up events of a partition that are older than <see cref="EventLogOptions.RetentionDays"/> and that nobody needs: whole segments, so that some stay
    /// longer.
    /// </summary>
    /// <param name="partition">0 to <see cref="Partitions"/> - 1.</param>
    /// <param name="before">Events at or above are needed by those who count them.</param>
    /// <param name="cancellationToken">Stops the trimming.</param>
    /// <exception cref="StorageException">The partition's log could not be written.</exception>
    public Task TrimAsync(int partition, long before, CancellationToken cancellationToken = default) =>
        PartitionAt(partition).TrimAsync(before, cancellationToken);

    /// <summary>Which log a user's events are in, and where it ends: what a user's state is compared with.</summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    public (Guid Id, long End) LogOf(ulong userKey)
    {
        var partition = _partitions[PartitionOf(userKey)];
        return (partition.Id, partition.EndPosition);
    }

    /// <summary>
    /// Positions above a position of a user's events that may be missing from the user's state, in order: appended by whomever, this process or one before,
    /// and not <see cref="Applied"/> since.
    /// </summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    /// <param name="after">Position up to which the state has the user's events.</param>
    public long[] UnappliedOf(ulong userKey, long after) => _partitions[PartitionOf(userKey)].UnappliedOf(userKey, after);

    /// <summary>
    /// Reads the whole partition for a user's events above a position, and takes them for unapplied: for a state that lacks events which an earlier state had,
    /// as a backup does.
    /// </summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    /// <param name="after">Position up to which the state has the user's events.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public Task FindUnappliedAsync(ulong userKey, long after, CancellationToken cancellationToken = default) =>
        _partitions[PartitionOf(userKey)].FindUnappliedAsync(userKey, after, cancellationToken);

    /// <summary>Notes that a user's events up to a position are in the user's durable state.</summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    /// <param name="upTo">The position.</param>
    public void Applied(ulong userKey, long upTo) => _partitions[PartitionOf(userKey)].Applied(userKey, upTo);

    /// <summary>Reads a user's event; <see cref="EventLogRecord.NextPosition"/> is not set.</summary>
    /// <param name="userKey">A hash of the user's id, evenly spread over its range.</param>
    /// <param name="position">Where the event stands.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <exception cref="LogCorruptException">No valid record starts there.</exception>
    public ValueTask<EventLogRecord> ReadAtAsync(ulong userKey, long position, CancellationToken cancellationToken = default) =>
        _partitions[PartitionOf(userKey)].ReadAtAsync(position, cancellationToken);

    /// <summary>Reads a partition from a position to what was its end when the enumeration began.</summary>
    /// <param name="partition">0 to <see cref="Partitions"/> - 1.</param>
    /// <param name="fromPosition">0, or the <see cref="EventLogRecord.NextPosition"/> of the last event consumed.</param>
    /// <param name="cancellationToken">Stops the enumeration.</param>
    public IAsyncEnumerable<EventLogRecord> ReadAsync(int partition, long fromPosition, CancellationToken cancellationToken = default) =>
        PartitionAt(partition).ReadAsync(fromPosition, cancellationToken);

    /// <summary>
    /// Reads a partition from a position, then waits for what is committed later. Ends when the log is closed, or throws <see cref="ObjectDisposedException"/>
    /// when closed in the middle of a read.
    /// </summary>
    /// <inheritdoc cref="ReadAsync"/>
    public IAsyncEnumerable<EventLogRecord> TailAsync(int partition, long fromPosition, CancellationToken cancellationToken = default) =>
        PartitionAt(partition).TailAsync(fromPosition, cancellationToken);

    /// <summary>Completes queued appends and closes every partition.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_progress is not null)
            await _progress.DisposeAsync();
        foreach (var partition in _partitions)
            await partition.DisposeAsync();
    }

    private static async Task CheckManifestAsync(ILogStore store, int partitions, CancellationToken cancellationToken)
    {
        byte[]? stored = await store.ReadDocumentAsync(ManifestName, cancellationToken);
        if (stored is null)
        {
            // Written before the first partition exists, so partitions without it mean that it was lost.
            if ((await store.ListAsync(cancellationToken)).Any(name => name.StartsWith(NamePrefix, StringComparison.Ordinal)))
                throw new StorageException("The event log has partitions but its manifest (document events.json) is missing; restore it.", isTransient: false);
            await store.WriteDocumentAsync(ManifestName, JsonSerializer.SerializeToUtf8Bytes(new Manifest(partitions), Json), cancellationToken);
            return;
        }
        int existing;
        try
        {
            existing = JsonSerializer.Deserialize<Manifest>(stored, Json)?.Partitions ?? 0;
        }
        catch (JsonException exception)
        {
            throw new StorageException($"The event log's manifest (document events.json) is not valid JSON: {exception.Message}", isTransient: false, exception);
        }
        if (existing < 1)
        {
            throw new StorageException(
                "The event log's manifest (document events.json) gives no valid number of partitions: it is damaged. Restore it.", isTransient: false);
        }
        if (existing != partitions)
        {
            throw new StorageException(
                $"The event log was created with {existing} partitions (document events.json) and cannot be opened with {partitions}: users would change "
                    + "partition and lose their order.",
                isTransient: false);
        }
    }

    private EventPartition PartitionAt(int partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, _partitions.Length);
        return _partitions[partition];
    }

    private sealed record Manifest(int Partitions);
}
