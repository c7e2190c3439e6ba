using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;

namespace KgOrleans.Storage.Events;

/// <summary>
/// What a partition of the event log knew at one moment, so that opening it reads the log from there: the newest ids, who was erased, and when the log had come
/// how far. A missing or damaged one costs time and nothing else, as long as the log has the events.
/// </summary>
/// <param name="LogId">The partition's log.</param>
/// <param name="Position">Events below are in the ids.</param>
/// <param name="Ids">The newest ids, oldest first, with their positions.</param>
/// <param name="Ages">When the log had come how far, oldest first.</param>
/// <param name="Erasures">Users who were erased, and where the log says so.</param>
internal sealed record EventCheckpoint(Guid LogId, long Position, RecentId[] Ids, EventAge[] Ages, Erasure[] Erasures)
{
    private const int IdsPerRecord = 16_384;

    /// <summary>Name of a partition's checkpoint.</summary>
    public static string NameOf(int partition) => $"{EventLog.NamePrefix}{partition:00}-checkpoint";

    /// <summary>Reads a checkpoint; null when there is none.</summary>
    /// <exception cref="LogCorruptException">It is damaged.</exception>
    public static async Task<EventCheckpoint?> ReadAsync(IObjectStore store, int partition, CancellationToken cancellationToken)
    {
        await using var file = await RecordFileReader.OpenAsync(store, NameOf(partition), cancellationToken);
        if (file is null)
            return null;
        Header? header = null;
        var ids = new List<RecentId>();
        try
        {
            await file.VerifyAsync(
                (_, payload) =>
                {
                    if (header is null)
                        header = JsonSerializer.Deserialize<Header>(payload.Span, JsonSerializerOptions.Web);
                    else
                        ids.AddRange(MemoryMarshal.Cast<byte, RecentId>(payload.Span));
                }, cancellationToken);
        }
        catch (JsonException e)
        {
            throw new LogCorruptException(file.Description, RecordFileReader.Start, $"the header is no JSON: {e.Message}");
        }
        return header is { Ages: not null, Erasures: not null }
            ? new EventCheckpoint(header.LogId, header.Position, [.. ids], header.Ages, header.Erasures)
            : throw new LogCorruptException(file.Description, RecordFileReader.Start, "the header is missing.");
    }

    /// <summary>Writes the checkpoint in place of the one before.</summary>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    public async Task WriteAsync(IObjectStore store, int partition, CancellationToken cancellationToken)
    {
        await using var file = await RecordFileWriter.CreateAsync(store, NameOf(partition), cancellationToken);
        var header = new Header(LogId, Position, Ages, Erasures);
        await file.AddAsync(JsonSerializer.SerializeToUtf8Bytes(header, JsonSerializerOptions.Web), cancellationToken);
        foreach (var part in Ids.Chunk(IdsPerRecord))
            await file.AddAsync(MemoryMarshal.AsBytes(part.AsSpan()).ToArray(), cancellationToken);
        await file.CompleteAsync(cancellationToken);
    }

    private sealed record Header(Guid LogId, long Position, EventAge[] Ages, Erasure[] Erasures);
}

/// <summary>An id with its position.</summary>
internal readonly record struct RecentId(ulong Id, long Position);

/// <summary>How far the log had come at a time.</summary>
/// <param name="At">Time, unix milliseconds.</param>
/// <param name="Position">Everything above was appended later.</param>
internal readonly record struct EventAge(long At, long Position);

/// <summary>A user was erased: their events below the position are nobody's.</summary>
/// <param name="User">Key of the user.</param>
/// <param name="Position">Where the log says so.</param>
internal readonly record struct Erasure(ulong User, long Position);
