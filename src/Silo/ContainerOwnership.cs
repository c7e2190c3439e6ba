using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Silo;

/// <summary>
/// Which service the states of a container belong to. The layout of grain storage has no place for an owner, so the container's metadata names it.
/// A container without an owner is taken over when all that it holds looks like grain states.
/// </summary>
/// <remarks>
/// Of two services that start at the same moment exactly one gets the container. Creation writes the owner, and only one creation succeeds. The blob service
/// knows no If-Match for the metadata of a container, so a short lease guards the change of one that is there already.
/// </remarks>
internal sealed partial class ContainerOwnership(TimeProvider time, ILogger<ContainerOwnership> logger)
{
    private const string Owner = "kgserviceid";
    private const int SampledBlobs = 100;

    // The shortest that the service grants. A start that dies with the lease in hand holds others up for this long.
    private static readonly TimeSpan LeaseTerm = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LeasePatience = LeaseTerm + TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeasePause = TimeSpan.FromMilliseconds(250);

    /// <summary>The metadata of a container that a service owns.</summary>
    public static Dictionary<string, string> Of(string service) => new() { [Owner] = service };

    /// <summary>Makes the service the owner of a container, unless it is already. Without the right to see or change metadata it logs a warning.</summary>
    /// <exception cref="OrleansConfigurationException">The container belongs to another service, or somebody else holds a lease on it.</exception>
    public async Task TakeAsync(BlobContainerClient container, string service)
    {
        try
        {
            var owner = OwnerIn(await container.GetPropertiesAsync());
            if (owner is null)
            {
                if (await FirstStrangerAsync(container) is { } stranger)
                    throw Refused(container, $"holds '{stranger}', which is no grain state: it belongs to another service. Name another ContainerName.");
                owner = await ClaimAsync(container, service);
            }
            if (owner != service)
                throw Refused(container, $"belongs to service '{owner}', this is '{service}'. Name another ContainerName, or the same Orleans:ServiceId.");
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

    private static OrleansConfigurationException Refused(BlobContainerClient container, string reason) => new($"Container '{container.Name}' {reason}");

    private static string? OwnerIn(BlobContainerProperties properties) => properties.Metadata.TryGetValue(Owner, out var owner) ? owner : null;

    private static async Task<string?> FirstStrangerAsync(BlobContainerClient container)
    {
        var seen = 0;
        await foreach (var blob in container.GetBlobsAsync())
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

    [LoggerMessage(
        1, LogLevel.Warning,
        "The credentials may not read or write the metadata of container {Container} ({ErrorCode}): nobody checks that no other service uses it.")]
    private partial void LogUnchecked(string container, string? errorCode);
}
