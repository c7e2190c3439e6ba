using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>
/// Logs in a container of Azure Blob Storage, each under <c>logs/{name}/</c>, with documents as <c>logs/{name}.json</c>. Several processes may use one
/// container; of those that open the same log the last one has it.
/// </summary>
public sealed class BlobLogStore : ILogStore
{
    /// <summary>What the names of all blobs start with.</summary>
    public const string Prefix = "logs/";

    private const string DocumentExtension = ".json";

    private readonly BlobContainerClient _container;
    private readonly BlobLogOptions _options;
    private readonly ILogger<BlobLogStore> _logger;
    private readonly BlobLogCalls _calls;
    private readonly BlobLogIndex _index;

    /// <summary>Creates the store; makes no request.</summary>
    /// <param name="container">The container, which exists. Its client should have <see cref="BlobLogOptions.CreateClientOptions"/>.</param>
    /// <param name="options">How to use the service.</param>
    /// <param name="logger">Takes warnings, and what happens to logs that fail.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public BlobLogStore(BlobContainerClient container, BlobLogOptions options, ILogger<BlobLogStore> logger)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        options.Validate();
        _container = container;
        _options = options;
        _logger = logger;
        _calls = new BlobLogCalls(container, Prefix, options);
        _index = new BlobLogIndex(_calls);
    }

    /// <inheritdoc/>
    public async ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        var medium = new BlobLogMedium(_container, name, _options, _logger);
        try
        {
            await _index.RequireAsync(name, medium, cancellationToken);
        }
        catch
        {
            await medium.DisposeAsync();
            throw;
        }
        var log = await SegmentedLog.OpenAsync(name, medium, _logger, cancellationToken);
        try
        {
            await _index.ClaimAsync(name, log.Id, cancellationToken);
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        return await ListAsync(NamesAsync, cancellationToken);

        async Task<IReadOnlyList<string>> NamesAsync(CancellationToken token)
        {
            var names = new List<string>();
            await foreach (var found in _container.GetBlobsByHierarchyAsync(BlobTraits.None, BlobStates.None, "/", Prefix, token))
            {
                if (found.IsPrefix)
                    names.Add(found.Prefix[Prefix.Length..^1]);
            }
            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> HasRecordsAsync(CancellationToken cancellationToken = default)
    {
        foreach (string segment in await ListAsync(LongerThanHeadersAsync, cancellationToken))
        {
            byte[] start = new byte[sizeof(uint)];
            try
            {
                int read = await _calls.RunAsync(
                    segment,
                    BlobLogRepeat.Harmless,
                    token => BlobRange.ReadAsync(_container.GetBlobClient(Prefix + segment), SegmentFormat.HeaderBytes, start, token),
                    cancellationToken);
                // A segment that was closed without a record ends with a fence there.
                if (read == start.Length && !BlobFence.IsStart(start))
                    return true;
            }
            catch (RequestFailedException answer)
            {
                throw _calls.Refused(segment, answer);
            }
        }
        return false;

        async Task<List<string>> LongerThanHeadersAsync(CancellationToken token)
        {
            var names = new List<string>();
            await foreach (var blob in _container.GetBlobsAsync(BlobTraits.None, BlobStates.None, Prefix, token))
            {
                string name = blob.Name[Prefix.Length..];
                bool isSegment = name.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && name.IndexOf('-', slash) > 0;
                if (isSegment && blob.Properties.ContentLength > SegmentFormat.HeaderBytes)
                    names.Add(name);
            }
            return names;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadDocumentAsync(string name, CancellationToken cancellationToken = default) =>
        (await Document(name).ReadAsync(cancellationToken))?.Content;

    /// <inheritdoc/>
    public async ValueTask WriteDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var document = Document(name);
        while (await document.TryWriteAsync(content, await document.FindTagAsync(cancellationToken), cancellationToken) is null)
        {
            // Somebody else wrote in between: the last one stays.
        }
    }

    private WholeBlob Document(string name)
    {
        LogName.Validate(name);
        return new WholeBlob(_calls, name + DocumentExtension, BlobLogRepeat.Harmless);
    }

    private async Task<T> ListAsync<T>(Func<CancellationToken, Task<T>> list, CancellationToken cancellationToken)
    {
        try
        {
            return await _calls.RunAsync("", BlobLogRepeat.Harmless, list, cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw _calls.Refused("", answer);
        }
    }
}
