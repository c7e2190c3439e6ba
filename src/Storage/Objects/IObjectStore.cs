namespace KgOrleans.Storage.Objects;

/// <summary>Large files beside the logs, as base snapshots are: each is written once, is there as a whole or not at all, and never changes.</summary>
/// <remarks>Names are 1 to 64 characters of <c>[a-z0-9-]</c>, so that no name can address anything outside the store.</remarks>
public interface IObjectStore
{
    /// <summary>Starts to write an object, which nobody sees before it is completed. One of the same name is replaced then.</summary>
    /// <exception cref="ArgumentException">The name is malformed.</exception>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    ValueTask<IObjectWriter> CreateAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens an object; null when there is none. The caller disposes it. Reading one that is deleted or replaced meanwhile gives its old bytes or fails.
    /// </summary>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    ValueTask<IObjectReader?> OpenAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Names of the objects that start with a prefix, in ordinal order.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>Removes an object if it is there.</summary>
    ValueTask DeleteAsync(string name, CancellationToken cancellationToken = default);
}

/// <summary>An object that is being written. Disposing of it before it is completed leaves nothing behind. For one caller at a time.</summary>
public interface IObjectWriter : IAsyncDisposable
{
    /// <summary>Bytes written so far.</summary>
    long Length { get; }

    /// <summary>Appends bytes; they may be changed when it returns.</summary>
    /// <exception cref="StorageException">The store cannot be written. The object is lost.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Makes the object durable, and then visible under its name.</summary>
    /// <exception cref="StorageException">The store cannot be written. The object is lost.</exception>
    ValueTask CompleteAsync(CancellationToken cancellationToken = default);
}

/// <summary>An object to read, by any number of callers at a time.</summary>
public interface IObjectReader : IAsyncDisposable
{
    /// <summary>What it is, as an operator finds it.</summary>
    string Description { get; }

    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Fills a buffer from an offset.</summary>
    /// <exception cref="EndOfStreamException">The object is shorter.</exception>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default);
}
