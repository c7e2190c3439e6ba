using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using KgOrleans.Silo;
using KgOrleans.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Containers;

/// <summary>An Azurite, and silos over it whose default storage comes from the official configuration section and from the product's composition.</summary>
public sealed class ContainerSilo : IAsyncLifetime
{
    private AzuriteServer? _azurite;

    public string ConnectionString => _azurite!.ConnectionString;

    public int Port => _azurite!.Port;

    public BlobServiceClient Account => new(ConnectionString);

    public async ValueTask InitializeAsync()
    {
        if (AzuriteServer.Missing is null)
            _azurite = await AzuriteServer.StartAsync();
    }

    public ValueTask DisposeAsync() => _azurite?.DisposeAsync() ?? ValueTask.CompletedTask;

    public string Sas(AccountSasPermissions permissions, AccountSasResourceTypes types = AccountSasResourceTypes.All) =>
        Account.GenerateAccountSasUri(permissions, DateTimeOffset.UtcNow.AddHours(1), types).ToString();

    /// <summary>Starts a silo of a service.</summary>
    /// <param name="options">The section <c>Orleans:GrainStorage:Default</c>, without its provider type.</param>
    /// <param name="service">The service's id.</param>
    public Task<SiloHost> StartAsync(Dictionary<string, string?> options, string service = "test") => SiloHost.StartAsync(
        host =>
        {
            var settings = options.ToDictionary(o => "Orleans:GrainStorage:Default:" + o.Key, o => o.Value);
            settings["Orleans:GrainStorage:Default:ProviderType"] = "AzureBlobStorage";
            settings["ConnectionStrings:blobs"] = ConnectionString;
            host.Configuration.AddInMemoryCollection(settings);
            host.Services.AddKeyedSingleton("account", Account);
            host.Services.AddKeyedSingleton<IGrainStorageSerializer>("web", new StateJsonSerializer());
        },
        silo => silo.AddGrainStateStorage(),
        service);
}
