using KgOrleans.Storage.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>
/// Logs as directories of one directory, with documents as <c>name.json</c>. For a single process; <see cref="DataDirectory"/> holds the lock that enforces it,
/// and the logs' fence holds where it fails.
/// </summary>
public sealed partial class LocalLogStore : ILogStore
{
    private const string SingleFileExtension = ".log";
    private const string DocumentExtension = ".json";

    private readonly string _root;
    private readonly ILogger<LocalLogStore> _logger;
    private readonly LocalLogManifest _manifest;

    /// <summary>Creates the store, and its directory when absent.</summary>
    /// <param name="root">Directory of the logs.</param>
    /// <param name="logger">Takes warnings about torn tails.</param>
    public LocalLogStore(string root, ILogger<LocalLogStore> logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(logger);
        _root = Path.GetFullPath(root);
        _logger = logger;
        DirectorySync.Create(_root);
        _manifest = new LocalLogManifest(PathOf("manifest", DocumentExtension));
    }

    /// <summary>
    /// Bytes after which a file of a log is full; 8 MiB unless set. Bounds what is copied of a log that was not closed, what one file loses, and what trimming
    /// leaves.
    /// </summary>
    public long SegmentBytes { get; init; } = 8 << 20;

    /// <inheritdoc/>
    public async ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default) =>
        await OpenAsync(name, SegmentBytes, RandomAccess.FlushToDisk, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        var folders = Directory.EnumerateDirectories(_root).Where(folder => File.Exists(ManifestOf(folder))).Select(Path.GetFileName);
        var files = Directory.EnumerateFiles(_root, "*" + SingleFileExtension).Select(Path.GetFileNameWithoutExtension);
        return ValueTask.FromResult<IReadOnlyList<string>>([.. folders.Concat(files).OfType<string>().Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <inheritdoc/>
    public ValueTask<bool> HasRecordsAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(HasRecords(_root));

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

    /// <summary>As the public overload, with segment size and flush under a test's control: no other means makes an fsync fail on demand.</summary>
    internal async Task<IRecordLog> OpenAsync(string name, long segmentBytes, Action<SafeFileHandle> flush, CancellationToken cancellationToken)
    {
        string folder = PathOf(name, "");
        string manifest = ManifestOf(folder);
        string single = PathOf(name, SingleFileExtension);
        if (File.Exists(single) && !File.Exists(manifest))
            await Task.Run(() => Import(single, folder, segmentBytes, cancellationToken), cancellationToken);
        _manifest.RequireFile(name, manifest);
        var log = await SegmentedLog.OpenAsync(name, new LocalLogMedium(folder, segmentBytes, flush), _logger, cancellationToken);
        try
        {
            _manifest.Claim(name, manifest, log.Id);
            // Copied and durable since the log is open.
            File.Delete(single);
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether a directory of logs holds any record.</summary>
    internal static bool HasRecords(string root) =>
        new DirectoryInfo(root).EnumerateFiles("*" + SingleFileExtension).Any(file => file.Length > SingleFileFormat.MaxHeaderBytes)
        || new DirectoryInfo(root).EnumerateFiles("*-*", new EnumerationOptions { RecurseSubdirectories = true })
            .Any(file => file.Directory!.FullName != Path.GetFullPath(root) && file.Length > SegmentFormat.HeaderBytes);

    private static string ManifestOf(string folder) => Path.Combine(folder, "manifest");

    private void Import(string single, string folder, long segmentBytes, CancellationToken cancellationToken)
    {
        var (end, torn) = SingleFileImport.Run(single, folder, segmentBytes, cancellationToken);
        if (torn > 0)
            LogTornTail(single, torn, end);
    }

    private string PathOf(string name, string extension)
    {
        LogName.Validate(name);
        return Path.Combine(_root, name + extension);
    }

    [LoggerMessage(2, LogLevel.Warning, "Log {File}: left out {Bytes} bytes of an unfinished append behind position {End}; they were never acknowledged.")]
    private partial void LogTornTail(string file, long bytes, long end);
}
