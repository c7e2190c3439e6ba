using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
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
internal sealed partial class StateContainers(AzureBlobStorageOptions options, IOptions<ClusterOptions> cluster, ContainerOwnership ownership)
    : IBlobContainerFactory
{
    private static readonly ContainerUse Use = new(
        $"Grain storage '{ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME}'", "ContainerName", "no grain state", name => StateName().IsMatch(name));

    private BlobContainerClient? _container;

    /// <inheritdoc />
    public BlobContainerClient GetBlobContainerClient(GrainId grainId) =>
        _container ?? throw new InvalidOperationException("The grain storage is not open yet: the silo is starting.");

    /// <inheritdoc />
    /// <exception cref="OrleansConfigurationException">The container cannot be opened, or belongs to another service.</exception>
    public async Task InitializeAsync(BlobServiceClient client)
    {
        var container = client.GetBlobContainerClient(options.ContainerName);
        await ownership.OpenAsync(container, cluster.Value.ServiceId, Use);
        _container = container;
    }

    [GeneratedRegex(@"^[^/]+-[^/]+/.*\.json$", RegexOptions.Singleline)]
    private static partial Regex StateName();
}
