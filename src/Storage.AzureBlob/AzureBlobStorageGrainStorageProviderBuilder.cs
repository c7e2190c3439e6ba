using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Storage;

[assembly: RegisterProvider("AzureBlobStorage", "GrainStorage", "Silo", typeof(AzureBlobStorageGrainStorageProviderBuilder))]

namespace Orleans.Hosting;

/// <summary>Builds the provider from a configuration section <c>Orleans:GrainStorage:{name}</c> with <c>ProviderType</c> <c>AzureBlobStorage</c>.</summary>
/// <remarks>
/// Keys: <c>ContainerName</c>; <c>ServiceKey</c>, a keyed <see cref="BlobServiceClient"/> service, else <c>ConnectionString</c>, else <c>ConnectionName</c> in <c>ConnectionStrings</c> (a connection
/// string, or a service URI with its SAS); <c>SerializerKey</c>, a keyed <see cref="IGrainStorageSerializer"/> service.
/// </remarks>
internal sealed class AzureBlobStorageGrainStorageProviderBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.AddAzureBlobGrainStorage(
            name ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
            (OptionsBuilder<AzureBlobStorageOptions> options) => options.Configure<IServiceProvider>((storage, services) => Bind(storage, services, configurationSection)));

    private static void Bind(AzureBlobStorageOptions options, IServiceProvider services, IConfigurationSection section)
    {
        if (section["ContainerName"] is { Length: > 0 } container)
            options.ContainerName = container;
        if (section["ServiceKey"] is { Length: > 0 } key)
            options.BlobServiceClient = Keyed<BlobServiceClient>(services, section, "ServiceKey", key);
        else if (ConnectionString(services, section) is { Length: > 0 } connection)
            options.BlobServiceClient = Uri.TryCreate(connection, UriKind.Absolute, out var uri) ? new BlobServiceClient(uri) : new BlobServiceClient(connection);
        if (section["SerializerKey"] is { Length: > 0 } serializer)
            options.GrainStorageSerializer = Keyed<IGrainStorageSerializer>(services, section, "SerializerKey", serializer);
    }

    private static T Keyed<T>(IServiceProvider services, IConfigurationSection section, string setting, string key)
        where T : class => services.GetKeyedService<T>(key) ?? throw new OrleansConfigurationException($"{section.Path}:{setting} is '{key}', but there is no {typeof(T).Name} of that name.");

    private static string? ConnectionString(IServiceProvider services, IConfigurationSection section) =>
        section["ConnectionString"] is { Length: > 0 } connection ? connection
            : section["ConnectionName"] is { Length: > 0 } name ? services.GetRequiredService<IConfiguration>().GetConnectionString(name)
            : null;
}
