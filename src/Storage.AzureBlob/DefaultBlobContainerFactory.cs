using Azure;
using Azure.Storage.Blobs;
using Orleans.Configuration;

namespace Orleans.Storage;

/// <summary>One container for all grains, created when absent.</summary>
internal sealed class DefaultBlobContainerFactory(AzureBlobStorageOptions options) : IBlobContainerFactory
{
    // A name that no state has: a state's blob ends in .json.
    private const string Probe = "no-such-state";

    private BlobContainerClient? _container;

    public BlobContainerClient GetBlobContainerClient(GrainId grainId) =>
        _container ?? throw new InvalidOperationException("The grain storage is not open yet: the silo is starting.");

    public async Task InitializeAsync(BlobServiceClient client)
    {
        var container = client.GetBlobContainerClient(options.ContainerName);
        try
        {
            await container.CreateIfNotExistsAsync();
        }
        catch (RequestFailedException refused) when (refused.IsForbidden())
        {
            // Credentials for blobs only are enough where somebody else made the container.
            if (!await ExistsAsync(container))
                throw new OrleansConfigurationException($"Container '{container.Name}' does not exist at {container.Uri.Host}, and the credentials may not create it ({refused.ErrorCode}).", refused);
        }
        _container = container;
    }

    /// <summary>Whether the container is there, as far as credentials for its blobs can tell.</summary>
    private static async Task<bool> ExistsAsync(BlobContainerClient container)
    {
        try
        {
            await container.GetBlobClient(Probe).GetPropertiesAsync();
            return true;
        }
        catch (RequestFailedException missing) when (missing.IsNotFound())
        {
            return !missing.IsContainerNotFound();
        }
    }
}
