using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Storage;

namespace KgOrleans.Silo;

/// <summary>
/// The one container of all grain states: created when absent, owned by this service, and open before any grain is served. A start that cannot have it is
/// refused in words for an operator, who sees the account's host, the container and the service's error code, and never a secret.
/// </summary>
/// <param name="options">Names the container.</param>
/// <param name="cluster">Names the service that owns it.</param>
/// <param name="ownership">Marks the container with its owner.</param>
internal sealed class StateContainers(AzureBlobStorageOptions options, IOptions<ClusterOptions> cluster, ContainerOwnership ownership) : IBlobContainerFactory
{
    private const string Provider = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;

    // A name that no state has: a state's blob ends in .json.
    private const string Probe = "no-such-state";

    private BlobContainerClient? _container;

    /// <inheritdoc />
    public BlobContainerClient GetBlobContainerClient(GrainId grainId) =>
        _container ?? throw new InvalidOperationException("The grain storage is not open yet: the silo is starting.");

    /// <inheritdoc />
    /// <exception cref="OrleansConfigurationException">The container cannot be opened, or belongs to another service.</exception>
    public async Task InitializeAsync(BlobServiceClient client)
    {
        var (container, service) = (client.GetBlobContainerClient(options.ContainerName), cluster.Value.ServiceId);
        try
        {
            await CreateAsync(container, service);
            await ownership.TakeAsync(container, service);
        }
        catch (RequestFailedException refused)
        {
            // The service's own text may quote what was signed: its code says as much.
            throw Unopened(client, refused.Status == 0 ? refused.Message : $"{refused.ErrorCode ?? "refused"} (status {refused.Status})", refused);
        }
        catch (AggregateException tried)
        {
            // The SDK's answer when every try of several ended without one of the service.
            throw Unopened(client, tried.InnerExceptions[^1].Message, tried);
        }
        _container = container;
    }

    private static async Task CreateAsync(BlobContainerClient container, string service)
    {
        try
        {
            await container.CreateIfNotExistsAsync(metadata: ContainerOwnership.Of(service));
        }
        catch (RequestFailedException refused) when (refused.Status is 401 or 403)
        {
            // Credentials for blobs only are enough where somebody else made the container.
            if (!await ExistsAsync(container))
            {
                throw new OrleansConfigurationException(
                    $"Container '{container.Name}' does not exist at {container.Uri.Host}, and the credentials may not create it ({refused.ErrorCode}).",
                    refused);
            }
        }
    }

    /// <summary>Whether the container is there, as far as credentials for its blobs can tell.</summary>
    private static async Task<bool> ExistsAsync(BlobContainerClient container)
    {
        try
        {
            await container.GetBlobClient(Probe).GetPropertiesAsync();
            return true;
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return missing.ErrorCode != BlobErrorCode.ContainerNotFound;
        }
    }

    private OrleansConfigurationException Unopened(BlobServiceClient client, string reason, Exception cause) =>
        new($"Grain storage '{Provider}' cannot open container '{options.ContainerName}' at {client.Uri.Authority}: {reason}.", cause);
}
