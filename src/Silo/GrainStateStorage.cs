using KgOrleans.Storage;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Providers;

namespace KgOrleans.Silo;

/// <summary>Where grain state lives: what <c>Orleans:GrainStorage:Default</c> says, in the official packages' own keys, else one SQLite file under the data directory.</summary>
internal static class GrainStateStorage
{
    private const string Section = "Orleans:GrainStorage:" + ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;

    public static void AddGrainStateStorage(this ISiloBuilder silo)
    {
        var section = silo.Configuration.GetSection(Section);
        if (section.Exists())
        {
            // Orleans itself registered the provider, from the same section.
            if (section["ProviderType"] == "AzureBlobStorage")
                silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StateContainerGuard>();
            return;
        }
        silo.AddSqliteGrainStorage(
            ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
            (OptionsBuilder<SqliteGrainStorageOptions> options) =>
                options.Configure<DataDirectory>((sqlite, data) => sqlite.Path = Path.Combine(data.StatePath, "grains.db")));
    }
}
