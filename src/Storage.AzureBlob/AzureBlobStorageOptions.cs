using System.Diagnostics.CodeAnalysis;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Settings of <see cref="AzureBlobGrainStorage"/>; names, defaults and meaning are those of the official package.</summary>
public class AzureBlobStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>Default of <see cref="ContainerName"/>.</summary>
    public const string DEFAULT_CONTAINER_NAME = "grainstate";

    /// <summary>Default of <see cref="InitStage"/>: before grains.</summary>
    public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;

    private BlobServiceClient? _client;

    /// <summary>Container of the states, 3 to 63 characters of a-z, 0-9 and single hyphens inside; created when absent.</summary>
    public string ContainerName { get; set; } = DEFAULT_CONTAINER_NAME;

    /// <summary>Options for clients that callers of this class make; null for the SDK's defaults. <see cref="BlobServiceClient"/> is used as it is.</summary>
    public BlobClientOptions? ClientOptions { get; set; }

    /// <summary>Silo lifecycle stage at which the container is opened.</summary>
    public int InitStage { get; set; } = DEFAULT_INIT_STAGE;

    /// <inheritdoc/>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>The account: connection string, SAS or token credential are the client's matter. Required.</summary>
    [DisallowNull]
    public BlobServiceClient? BlobServiceClient
    {
        get => _client;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _client = value;
        }
    }

    /// <summary>Whether clearing deletes the blob. When false, a blob of no bytes stays and keeps an ETag.</summary>
    public bool DeleteStateOnClear { get; set; } = true;

    /// <summary>Makes the factory that says which container a grain's state is in; by default one container for all.</summary>
    public Func<IServiceProvider, AzureBlobStorageOptions, IBlobContainerFactory> BuildContainerFactory { get; set; } =
        static (services, options) => ActivatorUtilities.CreateInstance<DefaultBlobContainerFactory>(services, options);
}
