using KgOrleans.Ranking.Catalogue;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Grains.Snapshots;

/// <summary>
/// Reads the documents of a view's rows in the order of the rows. They lie in the snapshot before or in the log, and in both in that order: each is read once,
/// from front to back, as a disk and a blob store like it. A row out of order is looked up.
/// </summary>
/// <param name="log">The shard's log.</param>
/// <param name="before">The newest snapshot; null for none.</param>
internal sealed class RowDocuments(IRecordLog log, ShardSnapshot? before) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>>? _items = before?.ItemsAsync(default).GetAsyncEnumerator();
    private readonly IAsyncEnumerator<LogRecord> _records = log.ReadAsync(before?.Header.Position ?? 0).GetAsyncEnumerator();
    private bool _hasItems = before is not null;
    private bool _hasRecords = true;

    /// <summary>The record of the log of a row, and the item of the snapshot before that it comes from, or nothing. Valid until the next call.</summary>
    /// <param name="key">Key of the row's item.</param>
    /// <param name="position">Position of the row's document (<see cref="PartitionView.LogPositionOf"/>).</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async ValueTask<(ReadOnlyMemory<byte> Record, ReadOnlyMemory<byte> Item)> ReadAsync(ulong key, long position, CancellationToken cancellationToken)
    {
        if (before is not null && position < before.Header.Position)
        {
            while (_hasItems && (_hasItems = await _items!.MoveNextAsync()))
            {
                if (ItemSnapshotRecord.KeyOf(_items.Current.Span) == key)
                    return (ItemSnapshotRecord.RecordOf(_items.Current), _items.Current);
            }
            var found = await before.FindAsync(key, cancellationToken)
                ?? throw new LogCorruptException(before.Name, position, $"the snapshot lacks the item with the key {key}.");
            return (found, default);
        }
        while (_hasRecords && (_records.Current.NextPosition <= position) && (_hasRecords = await _records.MoveNextAsync()))
        {
            if (_records.Current.Position == position)
                return (_records.Current.Payload, default);
        }
        return (await log.ReadAtAsync(position, cancellationToken), default);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_items is not null)
            await _items.DisposeAsync();
        await _records.DisposeAsync();
    }
}
