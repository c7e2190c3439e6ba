using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>
/// A log's bytes in a container of Azure Blob Storage: <c>logs/{name}/manifest</c>, a block blob; <c>logs/{name}/{segment}</c>, an append blob; and, once
/// nothing is appended any more, <c>logs/{name}/{segment}.sealed</c>, a block blob with the same bytes.
/// </summary>
/// <remarks>
/// Several writers need no lease and no clock. A manifest replaces the one whose ETag its writer saw. An append states the length that its writer expects, and
/// an append of somebody else, a fence, makes every later one of that writer fail.
/// </remarks>
internal sealed partial class BlobLogMedium : ILogMedium
{
    private const string Manifest = "manifest";
    private const string SealedSuffix = ".sealed";

    private readonly BlobLogCalls _calls;
    private readonly WholeBlob _manifest;
    private readonly BlobLogOptions _options;
    private readonly ILogger _logger;
    private string? _written;

    /// <summary>Opens the medium; makes no request.</summary>
    /// <param name="container">
    /// The container, which exists. Its client should have <see cref="BlobLogOptions.CreateClientOptions"/>.
    /// </param>
    /// <param name="name">The log's name.</param>
    /// <param name="options">How to use the service.</param>
    /// <param name="logger">Takes warnings about segments that could not be rewritten.</param>
    public BlobLogMedium(BlobContainerClient container, string name, BlobLogOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(container);
        LogName.Validate(name);
        options.Validate();
        _calls = new BlobLogCalls(container, $"logs/{name}/", options);
        _manifest = new WholeBlob(_calls, Manifest, BlobLogRepeat.Uncertain);
        _options = options;
        _logger = logger;
    }

    /// <inheritdoc/>
    public long SegmentBytes => _options.SegmentBytes;

    /// <inheritdoc/>
    public TimeSpan Linger => _options.Linger;

    /// <inheritdoc/>
    public string Describe(string? segment) => _calls.Describe(segment ?? Manifest);

    /// <inheritdoc/>
    public async ValueTask<(byte[] Content, string Tag)?> ReadManifestAsync(CancellationToken cancellationToken) =>
        await _manifest.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<string> WriteManifestAsync(ReadOnlyMemory<byte> content, string? tag, CancellationToken cancellationToken) =>
        _written = await _manifest.TryWriteAsync(content, tag, cancellationToken)
            ?? throw new LogFencedException(_calls.Folder, "the manifest was replaced");

    /// <inheritdoc/>
    public async ValueTask<ILogSegment> CreateAsync(string segment, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await BlobLogSegment.CreateAsync(_calls, segment, content, _options.MaxBlocks, IsReplacedAsync, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            var names = await _calls.RunAsync(Manifest, BlobLogRepeat.Harmless, NamesAsync, cancellationToken);
            return [.. names];
        }
        catch (RequestFailedException answer)
        {
            throw _calls.Refused(Manifest, answer);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _changes.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether another writer has replaced the manifest that this one wrote last.</summary>
    private async Task<bool> IsReplacedAsync(CancellationToken cancellationToken) =>
        _written is { } written && await ReadManifestAsync(cancellationToken) is { } found && found.Tag != written;

    private async Task<HashSet<string>> NamesAsync(CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in _calls.Container.GetBlobsAsync(BlobTraits.None, BlobStates.None, _calls.Prefix, cancellationToken))
        {
            string name = blob.Name[_calls.Prefix.Length..];
            if (name != Manifest)
                names.Add(name.EndsWith(SealedSuffix, StringComparison.Ordinal) ? name[..^SealedSuffix.Length] : name);
        }
        return names;
    }
}
