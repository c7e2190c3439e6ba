using System.Text.Json;
using KgOrleans.Grains.Configuration;
using KgOrleans.Storage;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>
/// What a store was made with. It keeps the world and the number of shards: other values would mix catalogues, or look for items in the wrong logs. The record
/// lies beside the logs: <c>catalogue.json</c> in the data directory, <c>logs/catalogue.json</c> in a container. A container and a data directory note that
/// they belong together, since users' states may be in the one and their events in the other.
/// </summary>
internal sealed class StoreRecord(
    DataDirectory data, ILogStore logs, IObjectStore snapshots, IOptions<KgOptions> options, IConfiguration configuration, IServiceProvider services,
    TimeProvider time)
{
    private const string CatalogueDocument = "catalogue";
    private const string ContainerDocument = "container";

    private readonly string? _container = options.Value.Data.UsesBlobs ? services.GetRequiredService<DataContainer>().Name : null;
    private Catalogue? _newCatalogue;
    private Container? _newContainer;

    private string Root => _container is null ? data.Root : $"container {_container}";

    private string CataloguePath => _container is null ? data.PathOf(CatalogueDocument) : $"{_container}/{BlobLogStore.Prefix}{CatalogueDocument}.json";

    /// <summary>Compares the settings with those that the store was made with, and finds out what is to be noted of a new one.</summary>
    /// <exception cref="StorageException">They differ, or records or data are missing or do not belong together.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken = default)
    {
        var catalogue = options.Value.Catalogue;
        var id = _container is null ? default : Guid.NewGuid();
        var now = new Catalogue(catalogue.WorldId, options.Value.Shards.Count, catalogue.ContentDimension, time.GetUtcNow(), id);
        var made = await ReadAsync(cancellationToken);
        if (made is null)
        {
            if (await HasDataAsync(cancellationToken))
            {
                throw Refused(
                    $"{CataloguePath} is missing, and {Root} holds data: without it, nobody can say for how many shards and which world the data was made. "
                        + "Restore it from a backup.");
            }
            _newCatalogue = now;
        }
        else
        {
            Compare(made, now);
        }
        await MeetDirectoryAsync(made, cancellationToken);
    }

    /// <summary>Notes what a new store was made with; durable when it returns.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_newCatalogue is not null && _container is null)
            data.WriteDocument(CatalogueDocument, _newCatalogue);
        else if (_newCatalogue is not null)
            await logs.WriteDocumentAsync(CatalogueDocument, JsonSerializer.SerializeToUtf8Bytes(_newCatalogue, JsonSerializerOptions.Web), cancellationToken);
        if (_newContainer is not null)
            data.WriteDocument(ContainerDocument, _newContainer);
    }

    private static StorageException Refused(string reason) => new(reason, isTransient: false);

    private async Task<bool> HasDataAsync(CancellationToken cancellationToken) =>
        await logs.HasRecordsAsync(cancellationToken) || (await snapshots.ListAsync("", cancellationToken)).Count > 0;

    private async Task<Catalogue?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_container is null)
            return data.ReadDocument<Catalogue>(CatalogueDocument);
        if (await logs.ReadDocumentAsync(CatalogueDocument, cancellationToken) is not { } json)
            return null;
        try
        {
            return JsonSerializer.Deserialize<Catalogue>(json, JsonSerializerOptions.Web) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new StorageException($"{CataloguePath} is not valid: {exception.Message}", isTransient: false, exception);
        }
    }

    private void Compare(Catalogue made, Catalogue now)
    {
        var differences = new List<string>();
        Compare("Kg:Catalogue:WorldId", made.WorldId, now.WorldId);
        Compare("Kg:Shards:Count", made.ShardCount, now.ShardCount);
        Compare("Kg:Catalogue:ContentDimension", made.ContentDimension, now.ContentDimension);
        if (differences.Count > 0)
            throw Refused($"the data in {Root} was made with other settings: {string.Join("; ", differences)}");

        void Compare<T>(string setting, T before, T after)
        {
            if (!EqualityComparer<T>.Default.Equals(before, after))
                differences.Add($"{setting} was {before}, now is {after}");
        }
    }

    /// <summary>Checks that logs in a container are used with the data directory that they were used with before.</summary>
    private async Task MeetDirectoryAsync(Catalogue? made, CancellationToken cancellationToken)
    {
        var noted = data.ReadDocument<Container>(ContainerDocument);
        if (_container is null)
        {
            if (noted is not null)
            {
                throw Refused(
                    $"{data.Root} belongs to logs in container {noted.Name}, but Kg:Data:Logs is {DataOptions.LocalLogs}. Name another Kg:Data:Path.");
            }
            return;
        }
        if (data.HasRecords)
        {
            throw Refused(
                $"{data.LogsPath} holds logs, but Kg:Data:Logs is {DataOptions.BlobLogs}: they would not be read. Name another Kg:Data:Path, or set "
                    + $"Kg:Data:Logs to {DataOptions.LocalLogs}.");
        }
        if (noted is not null && noted.StoreId != made?.StoreId)
        {
            throw Refused(
                $"{data.Root} belongs to the logs of container {noted.Name} with id {noted.StoreId}, and container {_container} "
                    + (made is null ? "is new" : $"has those with id {made.StoreId}") + ". Name the right Kg:Data:Blobs:Container, or another Kg:Data:Path.");
        }
        if (noted is not null)
            return;
        // A first start may have ended between its two notes.
        if (made is not null && GrainStateStorage.IsLocal(configuration) && await HasDataAsync(cancellationToken))
        {
            throw Refused(
                $"container {_container} holds data, and {data.Root} has not been used with it: users' states would be missing. Name the Kg:Data:Path that was "
                    + "used before, restore it from a backup, or keep states in a container too (Orleans:GrainStorage:Default).");
        }
        _newContainer = new Container(_container, (made ?? _newCatalogue)!.StoreId);
    }

    /// <param name="WorldId">The catalogue's world.</param>
    /// <param name="ShardCount">Number of shards.</param>
    /// <param name="ContentDimension">Components of content vectors.</param>
    /// <param name="CreatedAt">When the store was made.</param>
    /// <param name="StoreId">Tells a container's logs from others; empty in a data directory.</param>
    private sealed record Catalogue(string WorldId, int ShardCount, int ContentDimension, DateTimeOffset CreatedAt, Guid StoreId = default);

    /// <param name="Name">The container's name.</param>
    /// <param name="StoreId">The id of its logs.</param>
    private sealed record Container(string Name, Guid StoreId);
}
