using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;

namespace KgOrleans.Storage.Objects.Blobs;

/// <summary>
/// Objects as block blobs of a container of Azure Blob Storage, whose names start with a prefix. A blob is there when its blocks are committed.
/// </summary>
public sealed class BlobObjectStore : IObjectStore
{
    private readonly BlobLogCalls _calls;

    /// <summary>Creates the store; makes no request.</summary>
    /// <param name="container">The container, which exists. Its client should have <see cref="BlobLogOptions.CreateClientOptions"/>.</param>
    /// <param name="prefix">What the names of the blobs start with, a slash at its end.</param>
    /// <param name="options">How long to wait for the service.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public BlobObjectStore(BlobContainerClient container, string prefix, BlobLogOptions options)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _calls = new BlobLogCalls(container, prefix, options);
    }

    /// <inheritdoc/>
    public ValueTask<IObjectWriter> CreateAsync(string name, CancellationToken cancellationToken = default)
    {
        LogName.Validate(name);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IObjectWriter>(new BlobObjectWriter(_calls, name));
    }

    /// <inheritdoc/>
    public async ValueTask<IObjectReader?> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        LogName.Validate(name);
        try
        {
            var blob = _calls.BlockBlob(name);
            var found = await _calls.RunAsync(
                name, BlobLogRepeat.Harmless, token => blob.GetPropertiesAsync(cancellationToken: token), cancellationToken);
            return new BlobObjectReader(_calls, name, found.Value.ETag, found.Value.ContentLength);
        }
        catch (RequestFailedException answer)
        {
            return answer.Status == 404 ? null : throw _calls.Refused(name, answer);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        try
        {
            return await _calls.RunAsync(prefix, BlobLogRepeat.Harmless, NamesAsync, cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw _calls.Refused(prefix, answer);
        }

        async Task<IReadOnlyList<string>> NamesAsync(CancellationToken token)
        {
            var names = new List<string>();
            await foreach (var blob in _calls.Container.GetBlobsAsync(BlobTraits.None, BlobStates.None, _calls.Prefix + prefix, token))
                names.Add(blob.Name[_calls.Prefix.Length..]);
            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        LogName.Validate(name);
        try
        {
            await _calls.RunAsync(
                name, BlobLogRepeat.Harmless, token => _calls.BlockBlob(name).DeleteIfExistsAsync(cancellationToken: token), cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw _calls.Refused(name, answer);
        }
    }
}
