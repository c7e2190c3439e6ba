using System.Collections.Concurrent;
using System.IO.Hashing;
using KgOrleans.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>
/// A log as a directory: <c>manifest</c> and one file for each segment. The manifest is compared and renamed under a lock. An append is written and flushed,
/// and then the manifest is looked at: when it is still this writer's, no other one can have looked for the end of the segment before the append was there.
/// </summary>
internal sealed class LocalLogMedium : ILogMedium
{
    private const string Manifest = "manifest";
    private const string SegmentPattern = "*-*";
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly Action<SafeFileHandle> _flush;
    private readonly ConcurrentDictionary<string, SafeFileHandle> _readers = new();
    private readonly BlockingThread _thread;
    private volatile string _ownTag = "";
    private volatile string _nextTag = "";

    /// <summary>Creates the medium, and its directory when absent.</summary>
    /// <param name="folder">The directory.</param>
    /// <param name="segmentBytes">Bytes after which a segment is full.</param>
    /// <param name="flush">Makes a file's bytes durable: under a test's control, since no other means makes an fsync fail on demand.</param>
    public LocalLogMedium(string folder, long segmentBytes, Action<SafeFileHandle> flush)
    {
        _folder = folder;
        _flush = flush;
        SegmentBytes = segmentBytes;
        DirectorySync.Create(folder);
        _thread = new BlockingThread($"log {Path.GetFileName(folder)}");
    }

    public long SegmentBytes { get; }

    public TimeSpan Linger => TimeSpan.Zero;

    public string Describe(string? segment) => Path.Combine(_folder, segment ?? Manifest);

    public async ValueTask<(byte[] Content, string Tag)?> ReadManifestAsync(CancellationToken cancellationToken)
    {
        string path = Describe(null);
        if (!File.Exists(path))
            return null;
        byte[] content = await File.ReadAllBytesAsync(path, cancellationToken);
        return (content, TagOf(content));
    }

    public ValueTask<string> WriteManifestAsync(ReadOnlyMemory<byte> content, string? tag, CancellationToken cancellationToken) => _thread.RunAsync(() =>
    {
        try
        {
            return UnderLock(() => ReplaceManifest(content.Span, tag));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(exception);
        }
    });

    public ValueTask<ILogSegment> CreateAsync(string segment, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        _thread.RunAsync<ILogSegment>(() =>
        {
            string path = Describe(segment);
            try
            {
                var handle = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                try
                {
                    RandomAccess.Write(handle, content.Span, 0);
                    _flush(handle);
                    DirectorySync.Flush(_folder);
                    return new LocalLogSegment(this, path, handle, SegmentFormatOf(content.Span));
                }
                catch
                {
                    handle.Dispose();
                    throw;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Refused(exception);
            }
        });

    public ValueTask<SegmentLength> CloseAsync(string segment, CancellationToken cancellationToken)
    {
        // The manifest that was written before fences the earlier writer; here is only to be seen how far it came.
        string path = Describe(segment);
        var handle = Reader(segment);
        long length = RandomAccess.GetLength(handle);
        byte[] header = new byte[Math.Min(length, SegmentFormat.HeaderBytes)];
        RandomAccess.Read(handle, header, 0);
        if (header.Length < SegmentFormat.HeaderBytes)
            throw new LogCorruptException(path, 0, "the file ends within its header.");
        return ValueTask.FromResult(new SegmentLength(length, SegmentFormatOf(header).ReadMarks(path, header.AsSpan(SegmentFormat.OffsetOfMark(0)))));
    }

    public async ValueTask ReadAsync(string segment, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var handle = Reader(segment);
        while (destination.Length > 0)
        {
            int read = await RandomAccess.ReadAsync(handle, destination, offset, cancellationToken);
            if (read == 0)
                throw new EndOfStreamException($"The file {Describe(segment)} ends at {offset}, before the end of the log.");
            offset += read;
            destination = destination[read..];
        }
    }

    public ValueTask SealedAsync(string segment, long length, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DeleteAsync(string segment, CancellationToken cancellationToken)
    {
        if (_readers.TryRemove(segment, out var handle))
            handle.Dispose();
        File.Delete(Describe(segment));
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. Directory.EnumerateFiles(_folder, SegmentPattern).Select(file => Path.GetFileName(file))]);

    public ValueTask DisposeAsync()
    {
        foreach (var handle in _readers.Values)
            handle.Dispose();
        _readers.Clear();
        _thread.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs blocking work of the log's own segment.</summary>
    internal ValueTask<T> RunAsync<T>(Func<T> work) => _thread.RunAsync(work);

    /// <summary>Makes a file's bytes durable.</summary>
    internal void Flush(SafeFileHandle handle) => _flush(handle);

    /// <summary>Throws when another writer has the log.</summary>
    internal void RequireOwn()
    {
        string tag = TagOf(File.ReadAllBytes(Describe(null)));
        if (tag != _ownTag && tag != _nextTag)
            throw new LogFencedException(_folder, "its manifest was replaced");
    }

    /// <summary>Runs work during which no other writer can take the log over.</summary>
    internal T UnderLock<T>(Func<T> work)
    {
        string path = Path.Combine(_folder, "lock");
        var limit = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using (FileLock.Take(path))
                    return work();
            }
            catch (IOException held) when (FileLock.IsHeld(held) && TimeProvider.System.GetElapsedTime(limit) < LockWait)
            {
                Thread.Sleep(1);
            }
        }
    }

    private string ReplaceManifest(ReadOnlySpan<byte> content, string? tag)
    {
        string path = Describe(null);
        if (TagOfFile(path) != tag)
            throw new LogFencedException(_folder, "its manifest was replaced");
        string next = TagOf(content);
        // An append that ends at this moment may find either of them.
        _nextTag = next;
        try
        {
            AtomicFile.Replace(path, content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && TagOfFile(path) == next)
        {
            throw new StorageException(
                $"Log {_folder} has a new manifest that may not be durable, and must be opened again: {exception.Message}",
                isTransient: false, exception);
        }
        return _ownTag = next;
    }

    private static string? TagOfFile(string path) => File.Exists(path) ? TagOf(File.ReadAllBytes(path)) : null;

    private static string TagOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(XxHash128.Hash(content));

    private static SegmentFormat SegmentFormatOf(ReadOnlySpan<byte> header) => new(SegmentFormat.IdOf(header));

    private SafeFileHandle Reader(string segment)
    {
        if (_readers.TryGetValue(segment, out var known))
            return known;
        string path = Describe(segment);
        SafeFileHandle opened;
        try
        {
            opened = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        }
        catch (FileNotFoundException exception)
        {
            throw new StorageException(
                $"Log segment {path} is missing, and the log's manifest names it. Restore it from a backup.", isTransient: false, exception);
        }
        var kept = _readers.GetOrAdd(segment, opened);
        if (!ReferenceEquals(kept, opened))
            opened.Dispose();
        return kept;
    }

    private StorageException Refused(Exception cause) =>
        new($"Log {_folder} could not be written: {cause.Message}", isTransient: true, cause);
}
