using System.Text.Json;
using KgOrleans.Storage.Files;

namespace KgOrleans.Storage;

/// <summary>
/// The directory of a single-silo store: held by one process at a time, with <c>logs/</c>, <c>state/</c>, <c>snapshots/</c> and small JSON documents such as
/// <c>catalogue.json</c>.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream fileLock)
    {
        Root = path;
        _lock = fileLock;
        LogsPath = CreateSubdirectory("logs");
        SnapshotsPath = CreateSubdirectory("snapshots");
        StatePath = CreateSubdirectory("state");
    }

    /// <summary>Absolute path of the directory.</summary>
    public string Root { get; }

    /// <summary>Directory of the logs, for <see cref="Logs.LocalLogStore"/>.</summary>
    public string LogsPath { get; }

    /// <summary>Directory of base snapshots, for <see cref="Objects.LocalObjectStore"/>.</summary>
    public string SnapshotsPath { get; }

    /// <summary>Directory of grain state files.</summary>
    public string StatePath { get; }

    /// <summary>Whether any log in this directory holds records.</summary>
    public bool HasRecords => Logs.LocalLogStore.HasRecords(LogsPath);

    /// <summary>Creates the directory when absent and takes it for this process until disposed, or until the process ends in whatever way.</summary>
    /// <exception cref="StorageException">Another process holds it, or it cannot be created or written.</exception>
    public static DataDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string root = Path.GetFullPath(path);
        try
        {
            DirectorySync.Create(root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The data directory {root} (option Kg:Data:Path) cannot be created: {exception.Message}", isTransient: false, exception);
        }
        var fileLock = TakeLock(root);
        try
        {
            return new DataDirectory(root, fileLock);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>Reads <c>name.json</c>, or returns null when it was never written.</summary>
    /// <param name="name">Document name: 1 to 64 characters of <c>[a-z0-9-]</c>.</param>
    /// <exception cref="StorageException">The document is not valid JSON of that type.</exception>
    public T? ReadDocument<T>(string name)
        where T : class
    {
        string path = PathOf(name);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new StorageException($"{path} is not a valid {typeof(T).Name} document: {exception.Message}", isTransient: false, exception);
        }
    }

    /// <summary>Replaces <c>name.json</c> atomically; durable when it returns.</summary>
    /// <param name="name">Document name: 1 to 64 characters of <c>[a-z0-9-]</c>.</param>
    /// <param name="value">What to write, as web-style JSON.</param>
    public void WriteDocument<T>(string name, T value)
        where T : class => AtomicFile.Replace(PathOf(name), JsonSerializer.SerializeToUtf8Bytes(value, Json));

    /// <summary>Path of a document.</summary>
    /// <param name="name">Document name: 1 to 64 characters of <c>[a-z0-9-]</c>.</param>
    public string PathOf(string name)
    {
        Logs.LogName.Validate(name);
        return Path.Combine(Root, name + ".json");
    }

    /// <summary>Gives the directory up to other processes.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream TakeLock(string root)
    {
        string path = Path.Combine(root, "lock");
        try
        {
            return FileLock.Take(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StorageException($"The data directory {root} (option Kg:Data:Path) is not writable: {exception.Message}", isTransient: false, exception);
        }
        catch (IOException exception) when (!FileLock.IsHeld(exception))
        {
            throw new StorageException($"The data directory {root} (option Kg:Data:Path) cannot be locked: {exception.Message}", isTransient: false, exception);
        }
        catch (IOException exception)
        {
            throw new StorageException(
                $"The data directory {root} is in use by another process. Stop that process, or name another directory with the option "
                    + $"Kg:Data:Path.", isTransient: true, exception);
        }
    }

    private string CreateSubdirectory(string name)
    {
        string path = Path.Combine(Root, name);
        DirectorySync.Create(path);
        return path;
    }
}
