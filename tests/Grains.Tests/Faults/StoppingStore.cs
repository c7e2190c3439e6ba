using System.Runtime.CompilerServices;
using KgOrleans.Storage;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Grains.Tests.Faults;

/// <summary>Logs on the disk that refuse appends, or reads, while they are told to: as a log that is healing, and a store that is away.</summary>
internal sealed class StoppingStore(string root) : ILogStore
{
    private readonly LocalLogStore _inner = new(root, NullLogger<LocalLogStore>.Instance);

    /// <summary>Why appends are refused; null while they are not.</summary>
    public string? Failure { get; set; }

    /// <summary>Why reads of many records are refused; null while they are not.</summary>
    public string? ReadFailure { get; set; }

    public async ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default) =>
        new StoppingLog(this, await _inner.OpenAsync(name, cancellationToken));

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => _inner.ListAsync(cancellationToken);

    public ValueTask<bool> HasRecordsAsync(CancellationToken cancellationToken = default) => _inner.HasRecordsAsync(cancellationToken);

    public ValueTask<byte[]?> ReadDocumentAsync(string name, CancellationToken cancellationToken = default) =>
        _inner.ReadDocumentAsync(name, cancellationToken);

    public ValueTask WriteDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        _inner.WriteDocumentAsync(name, content, cancellationToken);
}

file sealed class StoppingLog(StoppingStore store, IRecordLog inner) : IRecordLog
{
    public string Name => inner.Name;

    public Guid Id => inner.Id;

    public long Epoch => inner.Epoch;

    public string? Failure => store.Failure;

    public long FirstPosition => inner.FirstPosition;

    public bool IsWhole => inner.IsWhole;

    public long EndPosition => inner.EndPosition;

    public ValueTask<AppendResult> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken = default) =>
        store.Failure is { } failure ? throw new StorageException(failure, isTransient: true) : inner.AppendAsync(records, cancellationToken);

    public async IAsyncEnumerable<LogRecord> ReadAsync(long fromPosition = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var record in inner.ReadAsync(fromPosition, cancellationToken))
        {
            if (store.ReadFailure is { } failure)
                throw new StorageException(failure, isTransient: true);
            yield return record;
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> ReadAtAsync(long position, CancellationToken cancellationToken = default) =>
        inner.ReadAtAsync(position, cancellationToken);

    public ValueTask TrimAsync(long before, CancellationToken cancellationToken = default) => inner.TrimAsync(before, cancellationToken);

    public ValueTask<bool> WaitForAppendAsync(long position, CancellationToken cancellationToken = default) =>
        inner.WaitForAppendAsync(position, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
