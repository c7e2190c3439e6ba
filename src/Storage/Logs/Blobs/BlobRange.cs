using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>Reads of parts of a blob.</summary>
internal static class BlobRange
{
    /// <summary>Longest part that the service gives a checksum of, 4 MiB.</summary>
    public const int MaxCheckedBytes = 4 << 20;

    /// <summary>Fills a buffer from an offset on; returns how many bytes there were.</summary>
    /// <exception cref="RequestFailedException">There is no such blob (status 404).</exception>
    public static Task<int> ReadAsync(BlobBaseClient blob, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        ReadAsync(blob, offset, destination, new BlobDownloadOptions(), cancellationToken);

    /// <summary>
    /// As <see cref="ReadAsync(BlobBaseClient, long, Memory{byte}, CancellationToken)"/>, of one version of a blob that is replaced as a whole.
    /// </summary>
    /// <exception cref="RequestFailedException">There is no such blob (status 404), or it has another version (412).</exception>
    public static Task<int> ReadVersionAsync(
        BlobBaseClient blob, ETag version, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        ReadAsync(
            blob, offset, destination, new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = version } }, cancellationToken);

    /// <summary>As <see cref="ReadAsync(BlobBaseClient, long, Memory{byte}, CancellationToken)"/>, verified against the service's checksum.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="offset">Where to start.</param>
    /// <param name="destination">At most <see cref="MaxCheckedBytes"/>.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    public static Task<int> ReadCheckedAsync(BlobBaseClient blob, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        ReadAsync(
            blob,
            offset,
            destination,
            new BlobDownloadOptions { TransferValidation = new DownloadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 } },
            cancellationToken);

    private static async Task<int> ReadAsync(
        BlobBaseClient blob, long offset, Memory<byte> destination, BlobDownloadOptions options, CancellationToken cancellationToken)
    {
        if (destination.IsEmpty)
            return 0;
        options.Range = new HttpRange(offset, destination.Length);
        try
        {
            using var answer = (await blob.DownloadStreamingAsync(options, cancellationToken)).Value;
            return await answer.Content.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (RequestFailedException outside) when (outside.Status == 416)
        {
            return 0;
        }
        catch (RequestFailedException changed) when (changed.Status == 412 && options.Conditions is null)
        {
            // The client resumes a broken read under the condition that the blob is the same; a log's last segment grows meanwhile. Read again.
            throw new IOException("the blob changed during the read", changed);
        }
    }
}
