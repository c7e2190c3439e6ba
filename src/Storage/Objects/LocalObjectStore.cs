using KgOrleans.Storage.Files;
using KgOrleans.Storage.Logs;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Objects;

/// <summary>Objects as files of one directory. A file is written under a temporary name, flushed and renamed.</summary>
public sealed class LocalObjectStore : IObjectStore
{
    private const string Temporary = ".tmp";

    private readonly string _root;
    private readonly Action<SafeFileHandle> _flush;

    /// <summary>Creates the store, and its directory when absent. Removes what an earlier process left unfinished.</summary>
    /// <param name="root">Directory of the objects, used by this process alone.</param>
    public LocalObjectStore(string root)
        : this(root, RandomAccess.FlushToDisk)
    {
    }

    /// <summary>As the public constructor, with the flush under a test's control.</summary>
    internal LocalObjectStore(string root, Action<SafeFileHandle> flush)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.GetFullPath(root);
        _flush = flush;
        DirectorySync.Create(_root);
        foreach (string file in Directory.EnumerateFiles(_root, "*" + Temporary))
            File.Delete(file);
    }

    /// <inheritdoc/>
    public ValueTask<IObjectWriter> CreateAsync(string name, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name);
        try
        {
            string temporary = $"{path}.{Guid.NewGuid():N}{Temporary}";
            var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
            return ValueTask.FromResult<IObjectWriter>(new LocalObjectWriter(path, temporary, handle, _flush));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LocalObjectWriter.Refused(path, exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IObjectReader?> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name);
        try
        {
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            return ValueTask.FromResult<IObjectReader?>(new LocalObjectReader(path, handle));
        }
        catch (FileNotFoundException)
        {
            return ValueTask.FromResult<IObjectReader?>(null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LocalObjectReader.Unreadable(path, exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var names = Directory.EnumerateFiles(_root).Select(file => Path.GetFileName(file));
        return ValueTask.FromResult<IReadOnlyList<string>>(
            [.. names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && !name.EndsWith(Temporary, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)]);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name);
        try
        {
            File.Delete(path);
            return ValueTask.CompletedTask;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} could not be deleted: {exception.Message}", isTransient: true, exception);
        }
    }

    private string PathOf(string name)
    {
        LogName.Validate(name);
        return Path.Combine(_root, name);
    }
}
