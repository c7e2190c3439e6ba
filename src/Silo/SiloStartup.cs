using KgOrleans.Grains.Configuration;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Shards;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Providers;
using Orleans.Storage;

namespace KgOrleans.Silo;

/// <summary>Opens what the silo stands on before it starts: data directory, what the store was made for, event log, model bundle.</summary>
internal sealed class SiloStartup(IServiceProvider services, IOptions<KgOptions> options, TimeProvider time) : IHostedService
{
    private const string CatalogueDocument = "catalogue";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var data = services.GetRequiredService<DataDirectory>();
        var record = Check(data);
        services.GetRequiredService<EventLog>();
        services.GetRequiredService<ModelHost>();
        // Here and not in the silo's own start, which would report a damaged file with the stack of everything that it starts.
        if (services.GetKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME) is SqliteGrainStorage states)
            await states.OpenAsync(cancellationToken);
        await OpenShardLogsAsync(cancellationToken);
        // Last, so that a refused first start leaves no settings behind.
        if (record is not null)
            data.WriteDocument(CatalogueDocument, record);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits until the log of every shard was found whole; loading them goes on behind.</summary>
    /// <exception cref="StorageException">Some are not; names all of them.</exception>
    private async Task OpenShardLogsAsync(CancellationToken cancellationToken)
    {
        var partitions = services.GetRequiredService<PartitionHost>();
        var opening = Enumerable.Range(0, options.Value.Shards.Count).Select(shard => partitions.Get(shard).Opened).ToArray();
        await Task.WhenAll(opening).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        var refused = opening.Where(log => log.IsFaulted).Select(log => log.Exception!.InnerException!.Message).ToArray();
        if (refused.Length > 0)
            throw new StorageException(string.Join(Environment.NewLine + "  ", refused), isTransient: false);
    }

    /// <summary>
    /// A store keeps the world and the number of shards that it was made with: other values would mix catalogues, or look for items in the wrong logs.
    /// </summary>
    /// <returns>What to write for a new store; null for one that has it.</returns>
    private CatalogueRecord? Check(DataDirectory data)
    {
        var now = new CatalogueRecord(options.Value.Catalogue.WorldId, options.Value.Shards.Count, options.Value.Catalogue.ContentDimension, time.GetUtcNow());
        if (data.ReadDocument<CatalogueRecord>(CatalogueDocument) is not { } made)
        {
            return data.HasRecords
                ? throw new StorageException(
                    $"{data.PathOf(CatalogueDocument)} is missing, and {data.LogsPath} holds data: without it, nobody can say for how many shards and which world "
                        + "the data was made. Restore it from a backup.",
                    isTransient: false)
                : now;
        }
        var differences = new List<string>();
        Compare("Kg:Catalogue:WorldId", made.WorldId, now.WorldId);
        Compare("Kg:Shards:Count", made.ShardCount, now.ShardCount);
        Compare("Kg:Catalogue:ContentDimension", made.ContentDimension, now.ContentDimension);
        if (differences.Count > 0)
            throw new StorageException($"the data in {data.Root} was made with other settings: {string.Join("; ", differences)}", isTransient: false);
        return null;

        void Compare<T>(string setting, T before, T after)
        {
            if (!EqualityComparer<T>.Default.Equals(before, after))
                differences.Add($"{setting} was {before}, now is {after}");
        }
    }

    private sealed record CatalogueRecord(string WorldId, int ShardCount, int ContentDimension, DateTimeOffset CreatedAt);
}
