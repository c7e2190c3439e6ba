using Azure.Storage.Blobs;
using KgOrleans.Storage.Sqlite;
using KgOrleans.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>One silo with every provider of grain storage that the rules are run on, each under its name and as an operator would register it.</summary>
public sealed class StorageSilo : IAsyncLifetime
{
    public const string Memory = "memory", Sqlite = "sqlite", SqliteKeep = "sqlite-keep";
    public const string Azure = "azure", AzureKeep = "azure-keep", AzurePooled = "azure-pooled", AzureVanishing = "azure-vanishing";

    private readonly TemporaryDirectory _directory = new();
    private InProcessTestCluster? _cluster;

    /// <summary>The service behind the Azure providers; null where the machine cannot run it.</summary>
    public AzuriteServer? Azurite { get; private set; }

    public IGrainFactory Grains => _cluster!.Client;

    public IGrainStorage Provider(string name) => _cluster!.Silos[0].ServiceProvider.GetRequiredKeyedService<IGrainStorage>(name);

    public BlobContainerClient Container(string provider) => new BlobServiceClient(Azurite!.ConnectionString).GetBlobContainerClient(ContainerOf(provider));

    /// <summary>The official provider on the container of <see cref="Azure"/>, over another port, such as a proxy's.</summary>
    public IGrainStorage ProviderThrough(int port)
    {
        var services = _cluster!.Silos[0].ServiceProvider;
        var options = new AzureBlobStorageOptions { GrainStorageSerializer = new StateJsonSerializer() };
        var container = new BlobServiceClient(AzuriteServer.ConnectionStringThrough(port)).GetBlobContainerClient(ContainerOf(Azure));
        return ActivatorUtilities.CreateInstance<AzureBlobGrainStorage>(services, "through", options, new OneContainer(container));
    }

    public async ValueTask InitializeAsync()
    {
        if (AzuriteServer.Missing is null)
            Azurite = await AzuriteServer.StartAsync();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage(Memory);
            silo.AddSqliteGrainStorage(Sqlite, options => options.Path = _directory.File("delete.db"));
            silo.AddSqliteGrainStorage(SqliteKeep, options => (options.Path, options.DeleteStateOnClear) = (_directory.File("keep.db"), false));
            if (Azurite is null)
                return;
            AddAzure(silo, Azure, deletes: true);
            AddAzure(silo, AzureKeep, deletes: false);
            AddAzure(silo, AzurePooled, deletes: true);
            AddAzure(silo, AzureVanishing, deletes: true);
            silo.Services.AddKeyedSingleton<IGrainStorageSerializer>(AzurePooled, new WholeDocuments());
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        if (Azurite is not null)
            await Azurite.DisposeAsync();
        _directory.Dispose();
    }

    private static string ContainerOf(string provider) => "states-" + provider;

    private void AddAzure(ISiloBuilder silo, string name, bool deletes) => silo.AddAzureBlobGrainStorage(name, options =>
    {
        options.BlobServiceClient = new BlobServiceClient(Azurite!.ConnectionString);
        options.ContainerName = ContainerOf(name);
        options.DeleteStateOnClear = deletes;
    });

    /// <summary>A serializer that knows no streams, so that the provider takes its other path.</summary>
    private sealed class WholeDocuments : IGrainStorageSerializer
    {
        private readonly StateJsonSerializer _json = new();

        public BinaryData Serialize<T>(T? input) => _json.Serialize(input);

        public T? Deserialize<T>(BinaryData input) => _json.Deserialize<T>(input);
    }

    private sealed class OneContainer(BlobContainerClient container) : IBlobContainerFactory
    {
        public BlobContainerClient GetBlobContainerClient(GrainId grainId) => container;

        public Task InitializeAsync(BlobServiceClient client) => Task.CompletedTask;
    }
}
