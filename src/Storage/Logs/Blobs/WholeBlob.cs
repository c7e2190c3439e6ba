using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>A block blob that is replaced as a whole by compare and swap, so that a request that arrives late replaces nothing.</summary>
/// <param name="calls">Requests to the blob's folder.</param>
/// <param name="blob">Its name there.</param>
/// <param name="repeat">What it means when a write has no answer.</param>
internal sealed class WholeBlob(BlobLogCalls calls, string blob, BlobLogRepeat repeat)
{
    // Names the write in the blob's metadata: a writer whose answer was lost recognises its own, also when another's would have the same bytes.
    private const string WriteId = "kgwrite";

    private readonly BlockBlobClient _blob = calls.BlockBlob(blob);

    /// <summary>Reads the blob with the tag of this version; null when there is none.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public async Task<(byte[] Content, string Tag)?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var read = await calls.RunAsync(blob, BlobLogRepeat.Harmless, token => _blob.DownloadContentAsync(token), cancellationToken);
            return (read.Value.Content.ToArray(), read.Value.Details.ETag.ToString());
        }
        catch (RequestFailedException answer)
        {
            return answer.Status == 404 ? null : throw calls.Refused(blob, answer);
        }
    }

    /// <summary>The tag of the blob as it is now; null when there is none.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public async Task<string?> FindTagAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await calls.RunAsync(
                blob, BlobLogRepeat.Harmless, token => _blob.GetPropertiesAsync(cancellationToken: token), cancellationToken);
            return found.Value.ETag.ToString();
        }
        catch (RequestFailedException answer)
        {
            return answer.Status == 404 ? null : throw calls.Refused(blob, answer);
        }
    }

    /// <summary>Replaces the blob that has a tag, or makes the first one; durable when it returns.</summary>
    /// <param name="content">What it holds from now on.</param>
    /// <param name="tag">Tag of the blob that is replaced; null when there must be none.</param>
    /// <param name="cancellationToken">Stops the wait; the blob may be written all the same.</param>
    /// <returns>The new tag; null when somebody else has replaced it.</returns>
    /// <exception cref="StorageException">It cannot be written, or nobody knows whether it is.</exception>
    public Task<string?> TryWriteAsync(ReadOnlyMemory<byte> content, string? tag, CancellationToken cancellationToken) => TryReplaceAsync(
        tag,
        (conditions, metadata, token) => _blob.UploadAsync(
            BinaryData.FromBytes(content).ToStream(),
            new BlobUploadOptions
            {
                Conditions = conditions,
                Metadata = metadata,
                TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
            },
            token),
        cancellationToken);

    /// <summary>As <see cref="TryWriteAsync"/>, with blocks that were staged before.</summary>
    public Task<string?> TryCommitAsync(IEnumerable<string> blocks, string? tag, CancellationToken cancellationToken) => TryReplaceAsync(
        tag,
        (conditions, metadata, token) => _blob.CommitBlockListAsync(
            blocks, new CommitBlockListOptions { Conditions = conditions, Metadata = metadata }, token),
        cancellationToken);

    private async Task<string?> TryReplaceAsync(
        string? tag,
        Func<BlobRequestConditions, Dictionary<string, string>, CancellationToken, Task<Response<BlobContentInfo>>> replace,
        CancellationToken cancellationToken)
    {
        string id = Guid.NewGuid().ToString("N");
        var conditions = tag is null ? new BlobRequestConditions { IfNoneMatch = ETag.All } : new BlobRequestConditions { IfMatch = new ETag(tag) };
        var metadata = new Dictionary<string, string> { [WriteId] = id };
        try
        {
            return (await calls.RunAsync(blob, repeat, token => replace(conditions, metadata, token), cancellationToken)).Value.ETag.ToString();
        }
        catch (RequestFailedException conflict) when (conflict.Status is 409 or 412)
        {
            return await FindOwnAsync(id, cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw calls.Refused(blob, answer);
        }
    }

    /// <summary>The tag of the blob if one write made it; null if another did.</summary>
    private async Task<string?> FindOwnAsync(string id, CancellationToken cancellationToken)
    {
        var resolving = repeat == BlobLogRepeat.Harmless ? repeat : BlobLogRepeat.Resolving;
        try
        {
            var found = await calls.RunAsync(blob, resolving, token => _blob.GetPropertiesAsync(cancellationToken: token), cancellationToken);
            return found.Value.Metadata.TryGetValue(WriteId, out string? writer) && writer == id ? found.Value.ETag.ToString() : null;
        }
        catch (RequestFailedException answer)
        {
            throw calls.Refused(blob, answer);
        }
    }
}
