using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>
/// Requests to the blobs of a container whose names start alike: each attempt is bounded in time, those without an answer are repeated, and failures are put in
/// words that name container and blob, and never a secret.
/// </summary>
/// <param name="container">The container.</param>
/// <param name="prefix">What the names of all blobs start with, up to the last slash.</param>
/// <param name="options">How long to wait.</param>
internal sealed class BlobLogCalls(BlobContainerClient container, string prefix, BlobLogOptions options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>The container.</summary>
    public BlobContainerClient Container => container;

    /// <summary>What the names of all blobs start with.</summary>
    public string Prefix => prefix;

    /// <summary>What the blobs make up, as an operator finds it.</summary>
    public string Folder => $"{container.Name}/{prefix.TrimEnd('/')}";

    /// <summary>A blob, as an operator finds it.</summary>
    public string Describe(string blob) => $"{container.Name}/{Prefix}{blob}";

    public AppendBlobClient AppendBlob(string blob) => container.GetAppendBlobClient(Prefix + blob);

    public BlockBlobClient BlockBlob(string blob) => container.GetBlockBlobClient(Prefix + blob);

    /// <summary>Makes a request until it is answered or time is up.</summary>
    /// <param name="blob">The blob that it is about.</param>
    /// <param name="repeat">What it means when there is no answer.</param>
    /// <param name="call">The request.</param>
    /// <param name="cancellationToken">Stops the wait, not what was sent.</param>
    /// <exception cref="RequestFailedException">The service's answer was status 404, 409, 412 or 416, whose meaning the caller knows.</exception>
    /// <exception cref="StorageException">
    /// Transient when nothing was sent, or when a harmless request had no answer; final when it was refused, or when it is unknown what it did.
    /// </exception>
    public async Task<T> RunAsync<T>(string blob, BlobLogRepeat repeat, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long started = Stopwatch.GetTimestamp();
        bool sent = repeat == BlobLogRepeat.Resolving;
        var pause = FirstPause;
        while (true)
        {
            Exception failure;
            using (var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                attempt.CancelAfter(options.AttemptTime);
                try
                {
                    return await call(attempt.Token);
                }
                catch (RequestFailedException answer) when (BlobLogFailure.IsAnswer(answer))
                {
                    if (answer.Status is 404 or 409 or 412 or 416 && answer.ErrorCode != BlobErrorCode.ContainerNotFound)
                        throw;
                    throw Refused(blob, answer);
                }
                catch (Exception lost) when (lost is not (StorageException or ArgumentException))
                {
                    // Any kind: credentials that fetch tokens bring failures of their own.
                    cancellationToken.ThrowIfCancellationRequested();
                    failure = lost;
                }
            }
            bool neverSent = BlobLogFailure.NeverSent(failure);
            sent |= !neverSent;
            // Without a connection the caller is told at once, so that it can answer those who wait. After a lost answer only the service knows.
            if (!sent || Stopwatch.GetElapsedTime(started) + pause > options.RetryTime)
                throw Unanswered(blob, sent && repeat != BlobLogRepeat.Harmless, failure);
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble() / 2), cancellationToken);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    /// <summary>An answer after which trying again is no use.</summary>
    public StorageException Refused(string blob, RequestFailedException answer) =>
        new(
            answer.Status == 404 && answer.ErrorCode != BlobErrorCode.ContainerNotFound
                ? $"Blob {Describe(blob)} at {container.Uri.Authority} does not exist."
                : $"Blob {Describe(blob)} at {container.Uri.Authority} is refused: {BlobLogFailure.Reason(answer)}.",
            isTransient: false,
            answer);

    private StorageException Unanswered(string blob, bool unknown, Exception failure)
    {
        string what = $"Blob {Describe(blob)} at {container.Uri.Authority}";
        return unknown
            ? new StorageException(
                $"{what}: it is unknown whether the last write was carried out ({BlobLogFailure.Reason(failure)}). The log must be opened again.",
                isTransient: false,
                failure)
            : new StorageException($"{what} cannot be reached: {BlobLogFailure.Reason(failure)}.", isTransient: true, failure);
    }
}
