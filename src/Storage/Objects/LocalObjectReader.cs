using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Objects;

/// <summary>An open file: it can be read when its name is gone.</summary>
/// <param name="path">The file.</param>
/// <param name="handle">Open for reading.</param>
internal sealed class LocalObjectReader(string path, SafeFileHandle handle) : IObjectReader
{
    public string Description => path;

    public long Length { get; } = RandomAccess.GetLength(handle);

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        while (destination.Length > 0)
        {
            int read;
            try
            {
                read = await RandomAccess.ReadAsync(handle, destination, offset, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(path, exception);
            }
            if (read == 0)
                throw new EndOfStreamException($"The file {path} ends at {offset}.");
            offset += read;
            destination = destination[read..];
        }
    }

    public ValueTask DisposeAsync()
    {
        handle.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static StorageException Unreadable(string path, Exception cause) => new($"{path} could not be read: {cause.Message}", isTransient: true, cause);
}
