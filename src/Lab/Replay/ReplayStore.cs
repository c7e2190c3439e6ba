using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Grains.Snapshots;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Lab.Replay;

/// <summary>Reads a history from the data directory of a server that is not running.</summary>
internal static class ReplayStore
{
    private const string ShardLogs = "shard-";
    private const string UserState = "user";
    private const string UserGrain = "user/";

    /// <summary>Reads the whole history. Throws <see cref="StorageException"/> when the directory is in use or damaged.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="worldId">World that the history is of; null for the one that the data was made for.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<ReplayHistory> ReadAsync(string path, string? worldId, CancellationToken cancellation)
    {
        // Opening a directory creates it: reading from a mistyped path would leave one behind.
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"there is no data directory {path}");
        using var directory = DataDirectory.Open(path);
        worldId ??= directory.ReadDocument<CatalogueName>("catalogue")?.WorldId
            ?? throw new InputException($"{path} does not say which world it holds: pass --world");
        var store = new LocalLogStore(directory.LogsPath, NullLogger<LocalLogStore>.Instance);
        var items = await ReadItemsAsync(store, new LocalObjectStore(directory.SnapshotsPath), cancellation);
        var events = await ReadEventsAsync(store, cancellation);
        return new ReplayHistory(worldId, $"store {Path.GetFileName(directory.Root)}", items.Values, ReadProfiles(directory.StatePath), events);
    }

    private static async Task<Dictionary<string, ItemDocument>> ReadItemsAsync(ILogStore store, IObjectStore snapshots, CancellationToken cancellation)
    {
        var items = new Dictionary<string, ItemDocument>();
        foreach (var name in await store.ListAsync(cancellation))
        {
            if (!name.StartsWith(ShardLogs, StringComparison.Ordinal))
                continue;
            await foreach (var document in SnapshotDocuments.ReadAsync(snapshots, name, cancellation))
                items[document.ItemId] = document;
            await using var log = await store.OpenAsync(name, cancellation);
            await foreach (var entry in log.ReadAsync(0, cancellation))
            {
                // A deleted item keeps its last document here, as long as the log has it: what was shown before it went is still worth learning from.
                var record = ItemLogRecord.Decode(entry.Payload.Span);
                if (record.Operation == ItemLogOperation.Put)
                    items[record.Document.ItemId] = record.Document;
            }
        }
        return items;
    }

    private static async Task<List<UserEvent>> ReadEventsAsync(ILogStore store, CancellationToken cancellation)
    {
        var events = new List<UserEvent>();
        await using var log = await EventLog.OpenAsync(store, new EventLogOptions(), cancellation);
        for (var partition = 0; partition < log.Partitions; partition++)
        {
            await foreach (var entry in log.ReadAsync(partition, 0, cancellation))
            {
                var e = JsonSerializer.Deserialize<UserEvent>(entry.Payload.Span, KgJson.Options)
                    ?? throw new InvalidDataException($"event {entry.Position} of partition {partition} is null");
                if (!log.IsErased(Key64.Of(e.UserId), entry.Position))
                    events.Add(e);
            }
        }
        return events;
    }

    private static Dictionary<string, UserDocument> ReadProfiles(string directory)
    {
        var profiles = new Dictionary<string, UserDocument>();
        foreach (var file in Directory.EnumerateFiles(directory, "*.db"))
        {
            using var reader = SqliteStateReader.Open(file);
            foreach (var state in reader.ReadAll(UserState))
            {
                if (state.GrainId.StartsWith(UserGrain, StringComparison.Ordinal)
                    && JsonSerializer.Deserialize<UserState>(state.Payload, KgJson.Options)?.Profile is { } profile)
                    profiles[state.GrainId[UserGrain.Length..]] = profile;
            }
        }
        return profiles;
    }

    // What a server writes of itself when it first opens a directory.
    private sealed record CatalogueName(string WorldId);
}
