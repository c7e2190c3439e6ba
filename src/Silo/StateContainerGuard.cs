using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;

namespace KgOrleans.Silo;

/// <summary>
/// Refuses the start on a container of another service. The layout of grain storage has no place for an owner, so the container's metadata names the service; one without an owner is taken over when all
/// that it holds looks like grain states. Works with any provider that reads <see cref="AzureBlobStorageOptions"/>.
/// </summary>
internal sealed partial class StateContainerGuard(IOptionsMonitor<AzureBlobStorageOptions> storage, IOptions<ClusterOptions> cluster, ILogger<StateContainerGuard> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const string Owner = "kgserviceid";
    private const int SampledBlobs = 100;

    public void Participate(ISiloLifecycle lifecycle)
    {
        var options = storage.Get(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);
        // Right after the provider opened the container, before any grain.
        lifecycle.Subscribe(nameof(StateContainerGuard), options.InitStage + 1, cancellationToken => CheckAsync(options, cancellationToken));
    }

    private async Task CheckAsync(AzureBlobStorageOptions options, CancellationToken cancellationToken)
    {
        var container = options.BlobServiceClient!.GetBlobContainerClient(options.ContainerName);
        var service = cluster.Value.ServiceId;
        try
        {
            var properties = (await container.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            if (properties.Metadata.TryGetValue(Owner, out var owner))
            {
                if (owner != service)
                    throw new OrleansConfigurationException($"Container '{container.Name}' belongs to service '{owner}', this is '{service}'. Name another ContainerName, or the same Orleans:ServiceId.");
                return;
            }
            if (await FirstStrangerAsync(container, cancellationToken) is { } stranger)
                throw new OrleansConfigurationException($"Container '{container.Name}' holds '{stranger}', which is no grain state: it belongs to another service. Name another ContainerName.");
            var metadata = new Dictionary<string, string>(properties.Metadata) { [Owner] = service };
            await container.SetMetadataAsync(metadata, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException refused) when (refused.Status is 401 or 403)
        {
            LogUnchecked(container.Name, refused.ErrorCode);
        }
    }

    private static async Task<string?> FirstStrangerAsync(BlobContainerClient container, CancellationToken cancellationToken)
    {
        var seen = 0;
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (!StateName().IsMatch(blob.Name))
                return blob.Name;
            if (++seen == SampledBlobs)
                break;
        }
        return null;
    }

    [GeneratedRegex(@"^[^/]+-[^/]+/.*\.json$", RegexOptions.Singleline)]
    private static partial Regex StateName();

    [LoggerMessage(1, LogLevel.Warning, "The credentials may not read or write the metadata of container {Container} ({ErrorCode}): nobody checks that no other service uses it.")]
    private partial void LogUnchecked(string container, string? errorCode);
}
