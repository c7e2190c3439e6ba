using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Tests.Events;

/// <summary>Logs whose appends of an erasure are answered late: they stand in the log before.</summary>
internal sealed class LateStore(ILogStore inner, Task gate) : ILogStore
{
    public async ValueTask<IRecordLog> OpenAsync(string name, CancellationToken cancellationToken = default) =>
        new LateLog(await inner.OpenAsync(name, cancellationToken), gate);

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => inner.ListAsync(cancellationToken);

    public ValueTask<bool> HasRecordsAsync(CancellationToken cancellationToken = default) => inner.HasRecordsAsync(cancellationToken);

    public ValueTask<byte[]?> ReadDocumentAsync(string name, CancellationToken cancellationToken = default) =>
        inner.ReadDocumentAsync(name, cancellationToken);

    public ValueTask WriteDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        inner.WriteDocumentAsync(name, content, cancellationToken);
}

file sealed class LateLog(IRecordLog inner, Task gate) : IRecordLog
{
    // An id and a user's key.
    private const int ErasureBytes = 16;

    public string Name => inner.Name;

    public Guid Id => inner.Id;

    public long Epoch => inner.Epoch;

    public string? Failure => inner.Failure;

    public long FirstPosition => inner.FirstPosition;

    public bool IsWhole => inner.IsWhole;

    public long EndPosition => inner.EndPosition;

    public async ValueTask<AppendResult> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancellationToken = default)
    {
        var appended = await inner.AppendAsync(records, cancellationToken);
        if (records[0].Length == ErasureBytes)
            await gate;
        return appended;
    }

    public IAsyncEnumerable<LogRecord> ReadAsync(long fromPosition = 0, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(fromPosition, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>> ReadAtAsync(long position, CancellationToken cancellationToken = default) =>
        inner.ReadAtAsync(position, cancellationToken);

    public ValueTask TrimAsync(long before, CancellationToken cancellationToken = default) => inner.TrimAsync(before, cancellationToken);

    public ValueTask<bool> WaitForAppendAsync(long position, CancellationToken cancellationToken = default) =>
        inner.WaitForAppendAsync(position, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
