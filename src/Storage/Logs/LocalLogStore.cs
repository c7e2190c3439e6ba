using KgOrleans.Storage.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>
/// Logs as files of one directory: <c>name.log</c>, with documents as <c>name.json</c>. For a single process; <see cref="DataDirectory"/> holds the lock that
/// enforces it.
/// </summary>
public sealed partial class LocalLogStore : ILogStore
{
    private const string LogExtension = ".log";
    private const string DocumentExtension = ".json";

    private readonly string _root;
    private readonly ILogger<LocalLogStore> _logger;
    private readonly LocalLogManifest _manifest;

    /// <summary>Creates the store, and its directory when absent.</summary>
    /// <param name="root">Directory of the files.</param>
    /// <param name="logger">Takes the warning about a truncated tail.</param>
    public LocalLogStore(string root, ILogger<LocalLogStore> logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(logger);
        _root = Path.GetFullPath(root);
        _logger = logger;
        DirectorySync.Create(_root);
        _manifest = new LocalLogManifest(PathOf("manifest", DocumentExtension));
    }

    /// <inheritdoc/>
    public async ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default) =>
        await OpenAsync(name, RandomAccess.FlushToDisk, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        var names = Directory.EnumerateFiles(_root, "*" + LogExtension).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);
        return ValueTask.FromResult<IReadOnlyList<string>>([.. names]);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadDocumentAsync(string name, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name, DocumentExtension);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    }

    /// <inheritdoc/>
    public async ValueTask WriteDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name, DocumentExtension);
        await Task.Run(() => AtomicFile.Replace(path, content.Span), cancellationToken);
    }

    /// <summary>As the public overload, with the flush under a test's control: no other means makes an fsync fail on demand.</summary>
    internal async Task<LocalRecordLog> OpenAsync(string name, Action<SafeFileHandle> flush, CancellationToken cancellationToken)
    {
        string path = PathOf(name, LogExtension);
        return await Task.Run(() => Open(name, path, flush, cancellationToken), cancellationToken);
    }

    private LocalRecordLog Open(string name, string path, Action<SafeFileHandle> flush, CancellationToken cancellationToken)
    {
        _manifest.RequireFile(name, path);
        if (!File.Exists(path))
            AtomicFile.TryCreate(path, LocalLogFormat.CreateHeader());
        var handle = OpenExclusively(path);
        try
        {
            var scan = LocalLogScan.Run(path, handle, cancellationToken);
            _manifest.Claim(name, path, scan.Format.Id);
            if (scan.TornBytes > 0)
            {
                LogTornTail(path, scan.TornBytes, scan.End);
                RandomAccess.SetLength(handle, scan.End);
            }
            // A process that was killed leaves written but unflushed records: they count as durable from here on, so they have to be.
            flush(handle);
            return new LocalRecordLog(name, path, handle, scan, flush);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenExclusively(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"Log {path} cannot be opened for writing; it may be open elsewhere: {exception.Message}", isTransient: false, exception);
        }
    }

    private string PathOf(string name, string extension)
    {
        LogName.Validate(name);
        return Path.Combine(_root, name + extension);
    }

    [LoggerMessage(1, LogLevel.Warning, "Log {File}: cut {Bytes} bytes of an unfinished append behind position {End}; they were never acknowledged.")]
    private partial void LogTornTail(string file, long bytes, long end);
}
