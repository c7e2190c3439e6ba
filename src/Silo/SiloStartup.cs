using KgOrleans.Grains.Configuration;
using KgOrleans.Grains.Models;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>Opens what the silo stands on before it starts: data directory, what the store was made for, event log, model bundle.</summary>
internal sealed class SiloStartup(IServiceProvider services, IOptions<KgOptions> options, TimeProvider time) : IHostedService
{
    private const string CatalogueDocument = "catalogue";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var data = services.GetRequiredService<DataDirectory>();
        var record = Check(data);
        services.GetRequiredService<EventLog>();
        services.GetRequiredService<ModelHost>();
        // Last, so that a refused first start leaves no settings behind.
        if (record is not null)
            data.WriteDocument(CatalogueDocument, record);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// A store keeps the world and the number of shards that it was made with: other values would mix catalogues, or look for items in the wrong logs.
    /// </summary>
    /// <returns>What to write for a new store; null for one that has it.</returns>
    private CatalogueRecord? Check(DataDirectory data)
    {
        var now = new CatalogueRecord(options.Value.Catalogue.WorldId, options.Value.Shards.Count, options.Value.Catalogue.ContentDimension, time.GetUtcNow());
        if (data.ReadDocument<CatalogueRecord>(CatalogueDocument) is not { } made)
            return now;
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
