using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Silo;

/// <summary>
/// Opens containers of grain states and of logs, each of which belongs to one service. Neither layout has a place for an owner, so the container's metadata
/// names it. A container without an owner is taken over when all that it holds looks like what it is for.
/// </summary>
/// <remarks>
/// Of two services that start at the same moment exactly one gets the container. Creation writes the owner, and only one creation succeeds. The blob service
/// knows no If-Match for the metadata of a container, so a short lease guards the change of one that is there already.
/// </remarks>
internal sealed partial class ContainerOwnership(TimeProvider time, ILogger<ContainerOwnership> logger)
{
    private const string Owner = "kgserviceid";
    private const int SampledBlobs = 100;

    // A name that no blob has: those of states end in .json, those of logs have a slash.
    private const string Probe = "no-such-blob";

    // The shortest that the service grants. A start that dies with the lease in hand holds others up for this long.
    private static readonly TimeSpan LeaseTerm = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LeasePatience = LeaseTerm + TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeasePause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Creates a container when it is absent, and makes the service its owner, unless it is already. A refusal names the account's host, the container and the
    /// service's error code, and never a secret. Without the right to see or change metadata it logs a warning.
    /// </summary>
    /// <exception cref="OrleansConfigurationException">
    /// The container cannot be opened, or belongs to another service, or somebody else holds a lease on it.
    /// </exception>
    public async Task OpenAsync(BlobContainerClient container, string service, ContainerUse use)
    {
        try
        {
            await CreateAsync(container, service);
            await TakeAsync(container, service, use);
        }
        catch (RequestFailedException refused)
        {
            // The service's own text may quote what was signed: its code says as much.
            throw Unopened(container, use, refused.Status == 0 ? refused.Message : $"{refused.ErrorCode ?? "refused"} (status {refused.Status})", refused);
        }
        catch (AggregateException tried)
        {
            // The SDK's answer when every try of several ended without one of the service.
            throw Unopened(container, use, tried.InnerExceptions[^1].Message, tried);
        }
    }

    private static async Task CreateAsync(BlobContainerClient container, string service)
    {
        try
        {
            await container.CreateIfNotExistsAsync(metadata: new Dictionary<string, string> { [Owner] = service });
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

    private async Task TakeAsync(BlobContainerClient container, string service, ContainerUse use)
    {
        try
        {
            var owner = OwnerIn(await container.GetPropertiesAsync());
            if (owner is null)
            {
                if (await FirstStrangerAsync(container, use) is { } stranger)
                    throw Refused(container, $"holds '{stranger}', which is {use.OtherContent}: it belongs to another service. Name another {use.Setting}.");
                owner = await ClaimAsync(container, service);
            }
            if (owner != service)
                throw Refused(container, $"belongs to service '{owner}', this is '{service}'. Name another {use.Setting}, or the same Orleans:ServiceId.");
        }
        catch (RequestFailedException refused) when (refused.Status is 401 or 403)
        {
            LogUnchecked(container.Name, refused.ErrorCode);
        }
    }

    /// <summary>Writes the owner into a container that has none; returns whoever is the owner then.</summary>
    private async Task<string> ClaimAsync(BlobContainerClient container, string service)
    {
        var lease = await LeaseAsync(container);
        var held = new BlobRequestConditions { LeaseId = lease.LeaseId };
        try
        {
            var properties = (await container.GetPropertiesAsync(held)).Value;
            if (properties.Metadata.TryGetValue(Owner, out var owner))
                return owner;
            await container.SetMetadataAsync(new Dictionary<string, string>(properties.Metadata) { [Owner] = service }, held);
            return service;
        }
        finally
        {
            await ReleaseAsync(lease);
        }
    }

    private async Task<BlobLeaseClient> LeaseAsync(BlobContainerClient container)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var lease = container.GetBlobLeaseClient();
            try
            {
                await lease.AcquireAsync(LeaseTerm);
                return lease;
            }
            catch (RequestFailedException taken) when (taken.ErrorCode == BlobErrorCode.LeaseAlreadyPresent)
            {
                if (time.GetElapsedTime(started) > LeasePatience)
                    throw Refused(container, "has no owner yet and is under a lease of somebody else. Release the lease, and start again.");
            }
            await Task.Delay(LeasePause, time);
        }
    }

    private static async Task ReleaseAsync(BlobLeaseClient lease)
    {
        try
        {
            await lease.ReleaseAsync();
        }
        catch (RequestFailedException)
        {
            // It ends by itself; what was done under it was done.
        }
    }

    private static OrleansConfigurationException Unopened(BlobContainerClient container, ContainerUse use, string reason, Exception cause) =>
        new($"{use.Store} cannot open container '{container.Name}' at {container.Uri.Authority}: {reason}.", cause);

    private static OrleansConfigurationException Refused(BlobContainerClient container, string reason) => new($"Container '{container.Name}' {reason}");

    private static string? OwnerIn(BlobContainerProperties properties) => properties.Metadata.TryGetValue(Owner, out var owner) ? owner : null;

    private static async Task<string?> FirstStrangerAsync(BlobContainerClient container, ContainerUse use)
    {
        var seen = 0;
        await foreach (var blob in container.GetBlobsAsync())
        {
            if (!use.Fits(blob.Name))
                return blob.Name;
            if (++seen == SampledBlobs)
                break;
        }
        return null;
    }

    [LoggerMessage(
        1, LogLevel.Warning,
        "The credentials may not read or write the metadata of container {Container} ({ErrorCode}): nobody checks that no other service uses it.")]
    private partial void LogUnchecked(string container, string? errorCode);
}
