using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace KgOrleans.Storage.Sqlite;

/// <summary>Registration of <see cref="SqliteGrainStorage"/>.</summary>
/// <remarks>
/// The serializer is, in this order: the one set in the options, a keyed <see cref="IGrainStorageSerializer"/> service with the provider's name, the default
/// one.
/// </remarks>
public static class SqliteGrainStorageExtensions
{
    /// <summary>Adds SQLite grain storage as the default provider.</summary>
    public static ISiloBuilder AddSqliteGrainStorageAsDefault(this ISiloBuilder builder, Action<SqliteGrainStorageOptions> configure) =>
        builder.AddSqliteGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    /// <summary>Adds SQLite grain storage under a name.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder builder, string name, Action<SqliteGrainStorageOptions> configure) =>
        builder.ConfigureServices(services => services.AddSqliteGrainStorage(name, options => options.Configure(configure)));

    /// <summary>Adds SQLite grain storage under a name, with options bound from wherever they come.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<SqliteGrainStorageOptions>> configure) =>
        builder.ConfigureServices(services => services.AddSqliteGrainStorage(name, configure));

    /// <inheritdoc cref="AddSqliteGrainStorageAsDefault(ISiloBuilder, Action{SqliteGrainStorageOptions})"/>
    public static IServiceCollection AddSqliteGrainStorageAsDefault(this IServiceCollection services, Action<SqliteGrainStorageOptions> configure) =>
        services.AddSqliteGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    /// <inheritdoc cref="AddSqliteGrainStorage(ISiloBuilder, string, Action{SqliteGrainStorageOptions})"/>
    public static IServiceCollection AddSqliteGrainStorage(this IServiceCollection services, string name, Action<SqliteGrainStorageOptions> configure) =>
        services.AddSqliteGrainStorage(name, options => options.Configure(configure));

    /// <inheritdoc cref="AddSqliteGrainStorage(ISiloBuilder, string, Action{OptionsBuilder{SqliteGrainStorageOptions}})"/>
    public static IServiceCollection AddSqliteGrainStorage(
        this IServiceCollection services, string name, Action<OptionsBuilder<SqliteGrainStorageOptions>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = services.AddOptions<SqliteGrainStorageOptions>(name);
        options.Configure<IOptions<ClusterOptions>>((sqlite, cluster) => sqlite.ServiceId = cluster.Value.ServiceId);
        configure(options);
        services.AddTransient<IConfigurationValidator>(provider => new SqliteGrainStorageOptionsValidator(OptionsOf(provider, name), name));
        services.TryAddEnumerable(
            ServiceDescriptor.Transient<IPostConfigureOptions<SqliteGrainStorageOptions>,
            DefaultStorageProviderSerializerOptionsConfigurator<SqliteGrainStorageOptions>>());
        services.ConfigureNamedOptionForLogging<SqliteGrainStorageOptions>(name);
        services.TryAddSingleton(TimeProvider.System);
        return services.AddGrainStorage(
            name, (provider, key) => ActivatorUtilities.CreateInstance<SqliteGrainStorage>(provider, key, OptionsOf(provider, key)));
    }

    private static SqliteGrainStorageOptions OptionsOf(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<SqliteGrainStorageOptions>>().Get(name);
}
