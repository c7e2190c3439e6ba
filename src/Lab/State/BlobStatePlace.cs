using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using KgOrleans.CommandLine;
using KgOrleans.Storage.Sqlite;

namespace KgOrleans.Lab.State;

/// <summary>A container in the layout of Azure Blob grain storage.</summary>
internal sealed class BlobStatePlace : IStatePlace
{
    private const string Ending = ".json";

    private readonly BlobContainerClient _container;

    private BlobStatePlace(BlobContainerClient container) => _container = container;

    /// <summary>Opens a container; one to read from must exist, one to write to is created when absent.</summary>
    public static async Task<BlobStatePlace> OpenAsync(BlobServiceClient account, string name, bool mustExist, CancellationToken cancellation)
    {
        var container = account.GetBlobContainerClient(name);
        if (!mustExist)
            await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
        else if (!await container.ExistsAsync(cancellation))
            throw new InputException($"blob:{name}: there is no such container at {account.Uri.Host}");
        return new BlobStatePlace(container);
    }

    /// <summary>Splits a blob's name into state and grain. Neither half is marked; no state of this product has a hyphen in its name.</summary>
    public static bool TrySplit(string blob, out string stateName, out string grainId)
    {
        var hyphen = blob.IndexOf('-', StringComparison.Ordinal);
        var isState = hyphen > 0 && blob.EndsWith(Ending, StringComparison.Ordinal) && blob.IndexOf('/', StringComparison.Ordinal) > hyphen + 1;
        (stateName, grainId) = isState ? (blob[..hyphen], blob[(hyphen + 1)..^Ending.Length]) : ("", "");
        return isState;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredGrainState> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var blob in _container.GetBlobsAsync(cancellationToken: cancellation))
        {
            if (!TrySplit(blob.Name, out var stateName, out var grainId))
                throw new InvalidDataException($"blob '{blob.Name}' in container {_container.Name} is no grain state");
            if (blob.Properties.ContentLength > 0)
                yield return new StoredGrainState(stateName, grainId, await DownloadAsync(blob.Name, cancellation));
        }
    }

    /// <inheritdoc />
    public async Task<byte[]?> AddAsync(StoredGrainState state, CancellationToken cancellation)
    {
        var name = $"{state.StateName}-{state.GrainId}{Ending}";
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/octet-stream" },
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
        };
        try
        {
            await _container.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(state.Payload), options, cancellation);
            return null;
        }
        catch (RequestFailedException exists) when (exists.Status is 409 or 412)
        {
            return await DownloadAsync(name, cancellation);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<byte[]> DownloadAsync(string blob, CancellationToken cancellation) =>
        (await _container.GetBlobClient(blob).DownloadContentAsync(cancellation)).Value.Content.ToArray();
}
