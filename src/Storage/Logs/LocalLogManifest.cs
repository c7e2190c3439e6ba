using System.Text.Json;
using KgOrleans.Storage.Files;

namespace KgOrleans.Storage.Logs;

/// <summary>
/// Which logs a directory holds: a file of names and log ids. A log that stands here and has no file, or the file of another log, was lost or mixed up.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class LocalLogManifest(string path)
{
    private readonly Lock _gate = new();
    private SortedDictionary<string, Guid>? _logs;

    /// <summary>Refuses a log that had a file and has none now.</summary>
    /// <exception cref="StorageException">The file is missing, or the manifest cannot be read.</exception>
    public void RequireFile(string name, string file)
    {
        lock (_gate)
        {
            if (Logs().ContainsKey(name) && !File.Exists(file))
                throw new StorageException($"Log {file} is missing, and it held data. Restore it from a backup.", isTransient: false);
        }
    }

    /// <summary>Notes a log, durably, or checks that it is the one noted before.</summary>
    /// <exception cref="StorageException">Another log was noted under the name.</exception>
    public void Claim(string name, string file, Guid id)
    {
        lock (_gate)
        {
            var logs = Logs();
            if (logs.TryGetValue(name, out var noted))
            {
                if (noted != id)
                    throw new StorageException($"Log {file} has id {id}, but {path} notes {noted}: the file is another log's. Restore it.", isTransient: false);
                return;
            }
            logs.Add(name, id);
            AtomicFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(logs, JsonSerializerOptions.Web));
        }
    }

    private SortedDictionary<string, Guid> Logs()
    {
        if (_logs is not null)
            return _logs;
        try
        {
            _logs = File.Exists(path) ? JsonSerializer.Deserialize<SortedDictionary<string, Guid>>(File.ReadAllBytes(path), JsonSerializerOptions.Web) : [];
        }
        catch (JsonException exception)
        {
            throw new StorageException($"{path} cannot be read: {exception.Message}. Restore it from a backup.", isTransient: false, exception);
        }
        return _logs ??= [];
    }
}
