using Azure.Storage.Blobs;
using KgOrleans.Storage;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Storage;

namespace KgOrleans.Silo;

/// <summary>
/// Where grain state lives: what <c>Orleans:GrainStorage:Default</c> says, in the official packages' own keys, else one SQLite file under the data directory.
/// </summary>
internal static class GrainStateStorage
{
    private const string Section = "Orleans:GrainStorage:" + ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;

    /// <summary>Whether states are in the data directory.</summary>
    public static bool IsLocal(IConfiguration configuration) => !configuration.GetSection(Section).Exists();

    /// <exception cref="OrleansConfigurationException">The section names a service that is not registered.</exception>
    public static void AddGrainStateStorage(this ISiloBuilder silo)
    {
        var section = silo.Configuration.GetSection(Section);
        if (section.Exists())
        {
            // Orleans itself registered the provider, from the same section.
            if (section["ProviderType"] == "AzureBlobStorage")
                silo.AddStateContainers(section);
            return;
        }
        silo.AddSqliteGrainStorage(
            ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
            (OptionsBuilder<SqliteGrainStorageOptions> options) =>
                options.Configure<DataDirectory>((sqlite, data) => sqlite.Path = Path.Combine(data.StatePath, "grains.db")));
    }

    private static void AddStateContainers(this ISiloBuilder silo, IConfigurationSection section)
    {
        silo.RequireKeyed<BlobServiceClient>(section, "ServiceKey");
        silo.RequireKeyed<IGrainStorageSerializer>(section, "SerializerKey");
        silo.Services.TryAddSingleton<ContainerOwnership>();
        silo.Services.Configure<AzureBlobStorageOptions>(
            ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
            options => options.BuildContainerFactory = static (services, storage) => ActivatorUtilities.CreateInstance<StateContainers>(services, storage));
    }

    /// <summary>Refuses a key that names no service: the provider's own complaint names neither the setting nor the key.</summary>
    private static void RequireKeyed<T>(this ISiloBuilder silo, IConfigurationSection section, string setting)
    {
        if (section[setting] is { Length: > 0 } key && !silo.Services.Any(service => service.ServiceType == typeof(T) && key.Equals(service.ServiceKey)))
            throw new OrleansConfigurationException($"{section.Path}:{setting} is '{key}', but there is no {typeof(T).Name} of that name.");
    }
}
