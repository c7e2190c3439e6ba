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
internal sealed class SiloStartup(IServiceProvider services, IOptions<KgOptions> options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<DataDirectory>();
        var record = services.GetRequiredService<StoreRecord>();
        services.GetRequiredService<EventLog>();
        services.GetRequiredService<ModelHost>();
        // Here and not in the silo's own start, which would report a damaged file with the stack of everything that it starts.
        if (services.GetKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME) is SqliteGrainStorage states)
            await states.OpenAsync(cancellationToken);
        await OpenShardLogsAsync(cancellationToken);
        // Last, so that a refused first start leaves no settings behind.
        await record.WriteAsync(cancellationToken);
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
}
