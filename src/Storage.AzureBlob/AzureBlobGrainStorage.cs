using System.Buffers;
using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Serialization.Buffers.Adaptors;
using Orleans.Serialization.Serializers;

namespace Orleans.Storage;

/// <summary>
/// Orleans grain storage in Azure Blob Storage: one block blob a state, named <c>{stateName}-{grainType}/{grainKey}.json</c> whatever the serializer, changed under ETag conditions.
/// Types, names, layout and semantics are those of the official package, so that either can follow the other on the same container.
/// </summary>
/// <remarks>
/// A write without ETag requires that no blob is there, one with an ETag that it matches; otherwise <see cref="InconsistentStateException"/>, which ends the activation. A missing blob, and one of no
/// bytes, read as a fresh state that does not exist. A state that cannot be deserialized is an error, never a fresh state.
/// </remarks>
public partial class AzureBlobGrainStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private const string ContentType = "application/octet-stream";

    // What the service would not say to a stranger: InconsistentStateException takes it where the stored ETag is meant.
    private const string UnknownETag = "Unknown";

    private readonly string _name;
    private readonly AzureBlobStorageOptions _options;
    private readonly IBlobContainerFactory _containers;
    private readonly IActivatorProvider _activators;
    private readonly IGrainStorageSerializer _serializer;
    private readonly ILogger _logger;

    /// <summary>Creates the provider; the container is opened by the silo's lifecycle.</summary>
    public AzureBlobGrainStorage(
        string name, AzureBlobStorageOptions options, IBlobContainerFactory blobContainerFactory, IActivatorProvider activatorProvider, ILogger<AzureBlobGrainStorage> logger)
    {
        _name = name;
        _options = options;
        _containers = blobContainerFactory;
        _activators = activatorProvider;
        _serializer = options.GrainStorageSerializer;
        _logger = logger;
    }

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var blob = BlobOf(stateName, grainId);
        try
        {
            using var download = (await blob.DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
            var etag = download.Details.ETag.ToString();
            var state = download.Details.ContentLength > 0 ? await DeserializeAsync<T>(download, cancellationToken) : default;
            grainState.ETag = etag;
            grainState.RecordExists = state is not null;
            grainState.State = state ?? Fresh<T>();
            LogRead(stateName, grainId, etag, download.Details.ContentLength);
        }
        catch (RequestFailedException missing) when (missing.IsNotFound())
        {
            if (missing.IsContainerNotFound())
                LogNoContainer(blob.BlobContainerName, stateName, grainId);
            (grainState.ETag, grainState.RecordExists, grainState.State) = (null, false, Fresh<T>());
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(failure, "read", stateName, grainId, blob.Name, blob.BlobContainerName, grainState.ETag);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        ChangeAsync("write", stateName, grainId, grainState, async blob =>
        {
            grainState.ETag = await UploadAsync(blob, grainState, cancellationToken);
            grainState.RecordExists = true;
        });

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        ChangeAsync("clear", stateName, grainId, grainState, async blob =>
        {
            var conditions = ConditionsOf(grainState.ETag);
            if (_options.DeleteStateOnClear)
            {
                await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.None, conditions, cancellationToken);
                grainState.ETag = null;
            }
            else
            {
                var uploaded = await blob.UploadAsync(BinaryData.Empty, new BlobUploadOptions { Conditions = conditions }, cancellationToken);
                grainState.ETag = uploaded.Value.ETag.ToString();
            }
            grainState.RecordExists = false;
            grainState.State = Fresh<T>();
        });

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(OptionFormattingUtilities.Name<AzureBlobGrainStorage>(_name), _options.InitStage, OpenAsync);

    private static BlobRequestConditions ConditionsOf(string? etag) =>
        string.IsNullOrEmpty(etag) ? new BlobRequestConditions { IfNoneMatch = ETag.All } : new BlobRequestConditions { IfMatch = new ETag(etag) };

    private BlobClient BlobOf(string stateName, GrainId grainId)
    {
        var name = $"{stateName}-{grainId}.json";
        // URIs fold these segments away: the state would be another grain's, or lie in another container.
        if (name.Split('/', '\\').Any(segment => segment is "." or ".."))
            throw new ArgumentException($"The state '{stateName}' of grain {grainId} cannot be stored: '.' and '..' are no segments of a blob's name.", nameof(grainId));
        return _containers.GetBlobContainerClient(grainId).GetBlobClient(name);
    }

    private async Task ChangeAsync<T>(string operation, string stateName, GrainId grainId, IGrainState<T> grainState, Func<BlobClient, Task> change)
    {
        var blob = BlobOf(stateName, grainId);
        try
        {
            await change(blob);
            LogChanged(operation, stateName, grainId, grainState.ETag);
        }
        catch (RequestFailedException conflict) when (conflict.IsOtherState())
        {
            LogConflict(operation, stateName, grainId, blob.Name, blob.BlobContainerName, grainState.ETag, conflict.ErrorCode);
            throw new InconsistentStateException(
                $"The {operation} of blob {blob.Name} in container {blob.BlobContainerName} found another state than the one with ETag {grainState.ETag ?? "none"}.", UnknownETag, grainState.ETag, conflict);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(failure, operation, stateName, grainId, blob.Name, blob.BlobContainerName, grainState.ETag);
            throw;
        }
    }

    /// <summary>Uploads the state under the conditions of its ETag, making the container anew when somebody deleted it; returns the new ETag.</summary>
    private async Task<string> UploadAsync<T>(BlobClient blob, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = ContentType }, Conditions = ConditionsOf(grainState.ETag) };
        PooledBufferStream? buffer = null;
        try
        {
            var contents = BinaryData.Empty;
            if (_serializer is IGrainStorageStreamingSerializer streaming)
            {
                // Buffered, since an upload may have to be sent again; pooled, since states are larger than what the heap likes.
                buffer = PooledBufferStream.Rent();
                await streaming.SerializeAsync(grainState.State, buffer, cancellationToken);
            }
            else
            {
                contents = _serializer.Serialize(grainState.State);
            }
            try
            {
                return await SendAsync();
            }
            catch (RequestFailedException missing) when (missing.IsContainerNotFound())
            {
                LogCreatingContainer(blob.BlobContainerName);
                await blob.GetParentBlobContainerClient().CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                return await SendAsync();
            }

            async Task<string> SendAsync()
            {
                if (buffer is null)
                    return (await blob.UploadAsync(contents, options, cancellationToken)).Value.ETag.ToString();
                buffer.Position = 0;
                return (await blob.UploadAsync(buffer, options, cancellationToken)).Value.ETag.ToString();
            }
        }
        finally
        {
            if (buffer is not null)
                PooledBufferStream.Return(buffer);
        }
    }

    private async Task<T?> DeserializeAsync<T>(BlobDownloadStreamingResult download, CancellationToken cancellationToken)
    {
        if (_serializer is IGrainStorageStreamingSerializer streaming)
            return await streaming.DeserializeAsync<T>(download.Content, cancellationToken);
        var length = checked((int)download.Details.ContentLength);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await download.Content.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
            return _serializer.Deserialize<T>(new BinaryData(buffer.AsMemory(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private OrleansConfigurationException Unopened(BlobServiceClient client, string reason, Exception cause) =>
        new($"Grain storage '{_name}' cannot open container '{_options.ContainerName}' at {client.Uri.Authority}: {reason}.", cause);

    private T Fresh<T>() => _activators.GetActivator<T>().Create();

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var client = _options.BlobServiceClient ?? throw new OrleansConfigurationException($"Grain storage '{_name}' has no {nameof(AzureBlobStorageOptions.BlobServiceClient)}.");
        try
        {
            await _containers.InitializeAsync(client).WaitAsync(cancellationToken);
        }
        catch (RequestFailedException refused)
        {
            // The service's own text may quote what was signed: its code says as much.
            throw Unopened(client, refused.Status == 0 ? refused.Message : $"{refused.ErrorCode ?? "refused"} (status {refused.Status})", refused);
        }
        catch (AggregateException tried)
        {
            // The SDK's answer when every try of several ended without one of the service.
            throw Unopened(client, tried.InnerExceptions[^1].Message, tried);
        }
        LogOpened(_name, _options.ContainerName, client.Uri.Host, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }
}
