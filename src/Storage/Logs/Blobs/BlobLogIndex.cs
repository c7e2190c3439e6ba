using System.Text.Json;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>
/// Which logs a container holds: a document of names and log ids. A log that stands here and has no blobs, or the blobs of another log, was lost or mixed up.
/// Several processes may add logs.
/// </summary>
/// <param name="calls">Requests to the folder of the logs.</param>
internal sealed class BlobLogIndex(BlobLogCalls calls)
{
    private const string Blob = "manifest.json";

    private readonly WholeBlob _document = new(calls, Blob, BlobLogRepeat.Harmless);
    private readonly SemaphoreSlim _gate = new(1);
    private SortedDictionary<string, Guid>? _logs;
    private string? _tag;

    /// <summary>Refuses a log that had a manifest and has none now.</summary>
    /// <exception cref="StorageException">The log's manifest is missing, or the document cannot be read.</exception>
    public async Task RequireAsync(string name, BlobLogMedium medium, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!(_logs ?? await ReadAsync(cancellationToken)).ContainsKey(name))
                return;
        }
        finally
        {
            _gate.Release();
        }
        if (await medium.ReadManifestAsync(cancellationToken) is null)
            throw new StorageException($"Log blob {medium.Describe(null)} is missing, and its log held data. Restore it from a backup.", isTransient: false);
    }

    /// <summary>Notes a log, durably, or checks that it is the one noted before.</summary>
    /// <exception cref="StorageException">Another log was noted under the name, or the document cannot be written.</exception>
    public async Task ClaimAsync(string name, Guid id, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var logs = _logs ?? await ReadAsync(cancellationToken);
                if (logs.TryGetValue(name, out var noted))
                {
                    if (noted == id)
                        return;
                    throw new StorageException(
                        $"Log {calls.Describe(name)} has id {id}, but {calls.Describe(Blob)} notes {noted}: the blobs are another log's. Restore them.",
                        isTransient: false);
                }
                var more = new SortedDictionary<string, Guid>(logs, StringComparer.Ordinal) { [name] = id };
                byte[] content = JsonSerializer.SerializeToUtf8Bytes(more, JsonSerializerOptions.Web);
                if (await _document.TryWriteAsync(content, _tag, cancellationToken) is { } tag)
                {
                    (_logs, _tag) = (more, tag);
                    return;
                }
                // Another process has added a log.
                _logs = null;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<SortedDictionary<string, Guid>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await _document.ReadAsync(cancellationToken);
        try
        {
            _logs = found is { } there ? JsonSerializer.Deserialize<SortedDictionary<string, Guid>>(there.Content, JsonSerializerOptions.Web) ?? [] : [];
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"{calls.Describe(Blob)} cannot be read: {exception.Message} Restore it from a backup.", isTransient: false, exception);
        }
        _tag = found?.Tag;
        return _logs;
    }
}
