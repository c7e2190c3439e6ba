using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace KgOrleans.Lab.Bench;

/// <summary>What a blob service takes: conditional uploads of ready bytes, with nothing of ours between.</summary>
internal static class BareBlobBench
{
    public static async Task<LoadResult> RunAsync(
        BlobServiceClient account, string container, int count, int bytes, LoadPlan plan, CancellationToken cancellation)
    {
        var client = account.GetBlobContainerClient(container);
        await client.CreateIfNotExistsAsync(cancellationToken: cancellation);
        var content = BinaryData.FromBytes(RandomNumberGenerator.GetBytes(bytes));
        var blobs = Enumerable.Range(0, count).Select(i => (Blob: client.GetBlobClient($"bench/{i}"), Turn: new SemaphoreSlim(1))).ToArray();
        var etags = new ETag?[count];
        var result = await LoadRun.RunAsync(
            plan,
            async (n, token) =>
            {
                var i = (int)(n % count);
                await blobs[i].Turn.WaitAsync(token);
                try
                {
                    var options = new BlobUploadOptions { Conditions = etags[i] is { } etag ? new BlobRequestConditions { IfMatch = etag } : null };
                    etags[i] = (await blobs[i].Blob.UploadAsync(content, options, token)).Value.ETag;
                    return false;
                }
                finally
                {
                    blobs[i].Turn.Release();
                }
            },
            TimeProvider.System,
            cancellation);
        await client.DeleteAsync(cancellationToken: cancellation);
        return result;
    }
}
