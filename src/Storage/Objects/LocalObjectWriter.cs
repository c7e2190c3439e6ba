using KgOrleans.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Objects;

/// <summary>A file under a temporary name.</summary>
/// <param name="path">The name that it gets.</param>
/// <param name="temporary">The name that it has.</param>
/// <param name="handle">Open for writing.</param>
/// <param name="flush">Makes its bytes durable.</param>
internal sealed class LocalObjectWriter(string path, string temporary, SafeFileHandle handle, Action<SafeFileHandle> flush) : IObjectWriter
{
    // One flush of a whole file would hold up those of the logs for as long.
    private const long FlushEvery = 8 << 20;

    private long _flushed;
    private bool _isComplete;

    public long Length { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        try
        {
            await RandomAccess.WriteAsync(handle, content, Length, cancellationToken);
            Length += content.Length;
            if (Length - _flushed < FlushEvery)
                return;
            await Task.Run(() => flush(handle), cancellationToken);
            _flushed = Length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(path, exception);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await Task.Run(Complete, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(path, exception);
        }
        _isComplete = true;

        void Complete()
        {
            flush(handle);
            handle.Dispose();
            File.Move(temporary, path, overwrite: true);
            DirectorySync.Flush(Path.GetDirectoryName(path)!);
        }
    }

    public ValueTask DisposeAsync()
    {
        handle.Dispose();
        if (!_isComplete)
            File.Delete(temporary);
        return ValueTask.CompletedTask;
    }

    internal static StorageException Refused(string path, Exception cause) => new($"{path} could not be written: {cause.Message}", isTransient: true, cause);
}
