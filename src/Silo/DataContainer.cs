using Azure.Storage.Blobs;
using KgOrleans.Grains.Configuration;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.Storage.Objects.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace KgOrleans.Silo;

/// <summary>The container of logs and snapshots: created when absent, and owned by this service.</summary>
internal sealed class DataContainer
{
    private const string SnapshotPrefix = "snapshots/";

    private static readonly ContainerUse Use = new(
        "The log store",
        "Kg:Data:Blobs:Container",
        "neither a log nor a snapshot",
        name => name.StartsWith(BlobLogStore.Prefix, StringComparison.Ordinal) || name.StartsWith(SnapshotPrefix, StringComparison.Ordinal));

    private readonly BlobContainerClient _container;
    private readonly BlobLogOptions _options;

    private DataContainer(BlobContainerClient container, BlobLogOptions options)
    {
        _container = container;
        _options = options;
    }

    /// <summary>The container's name.</summary>
    public string Name => _container.Name;

    /// <summary>Opens the container that the configuration names.</summary>
    /// <exception cref="OptionsValidationException">The account of that name is none.</exception>
    /// <exception cref="OrleansConfigurationException">The container cannot be opened, or belongs to another service.</exception>
    public static async Task<DataContainer> OpenAsync(IServiceProvider services)
    {
        var settings = services.GetRequiredService<IOptions<KgOptions>>().Value.Data.Blobs!;
        var configuration = services.GetRequiredService<IConfiguration>();
        // With retries, as for grain states: nothing serves yet that would have to be told early.
        var opening = BlobServices.Connect(configuration, settings.Service, BlobServices.StateClientOptions());
        await services.GetRequiredService<ContainerOwnership>().OpenAsync(
            opening.GetBlobContainerClient(settings.Container), services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId, Use);
        var options = new BlobLogOptions { Linger = TimeSpan.FromMilliseconds(settings.LingerMs) };
        var client = BlobServices.Connect(configuration, settings.Service, options.CreateClientOptions());
        return new DataContainer(client.GetBlobContainerClient(settings.Container), options);
    }

    /// <summary>The logs in it.</summary>
    public BlobLogStore CreateLogStore(ILogger<BlobLogStore> logger) => new(_container, _options, logger);

    /// <summary>The snapshots in it.</summary>
    public BlobObjectStore CreateSnapshotStore() => new(_container, SnapshotPrefix, _options);
}
