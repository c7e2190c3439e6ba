using Azure;
using Azure.Storage.Blobs.Specialized;
using KgOrleans.Storage.Logs.Blobs;

namespace KgOrleans.Storage.Objects.Blobs;

/// <summary>One version of a block blob: when the blob is replaced or deleted, reads fail.</summary>
/// <param name="calls">Requests to the blob's folder.</param>
/// <param name="name">The object's name.</param>
/// <param name="version">The version to read.</param>
/// <param name="length">Its length.</param>
internal sealed class BlobObjectReader(BlobLogCalls calls, string name, ETag version, long length) : IObjectReader
{
    // One request reads at most this much, so that it ends within the time of an attempt.
    private const int ReadBytes = 8 << 20;

    private readonly BlockBlobClient _blob = calls.BlockBlob(name);

    /// <inheritdoc/>
    public string Description => calls.Describe(name);

    /// <inheritdoc/>
    public long Length => length;

    /// <inheritdoc/>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (destination.Length > length - offset)
            throw new EndOfStreamException($"The blob {Description} ends at {length}.");
        while (!destination.IsEmpty)
        {
            var part = destination[..Math.Min(destination.Length, ReadBytes)];
            long start = offset;
            try
            {
                int read = await calls.RunAsync(
                    name, BlobLogRepeat.Harmless, token => BlobRange.ReadVersionAsync(_blob, version, start, part, token), cancellationToken);
                if (read < part.Length)
                    throw new StorageException($"Blob {Description} ends at {start + read}, before the {length} bytes that it had.", isTransient: false);
            }
            catch (RequestFailedException answer)
            {
                throw answer.Status is 404 or 412
                    ? new StorageException($"Blob {Description} was replaced or deleted while it was read.", isTransient: false, answer)
                    : calls.Refused(name, answer);
            }
            offset += part.Length;
            destination = destination[part.Length..];
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
