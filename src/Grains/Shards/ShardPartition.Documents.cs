using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>Documents of items: they lie in the newest base snapshot, or in the log behind it.</summary>
public sealed partial class ShardPartition
{
    /// <summary>The newest document of an item.</summary>
    public async Task<ItemReply?> GetAsync(string itemId, CancellationToken cancellationToken)
    {
        await Ready.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfFailed();
        return await ReadAsync(itemId, cancellationToken) is { } found ? new ItemReply(found.Json, found.Version) : null;
    }

    /// <summary>A part of the documents, in the order of the items' keys; every document names its world.</summary>
    /// <param name="after">Key that all are above; null for the first part.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<ExportReply> ExportAsync(ulong? after, CancellationToken cancellationToken)
    {
        var places = await Task.Run(PlacesAfter, cancellationToken);
        var part = new ExportPart();
        for (var i = 0; i < places.Length; i++)
        {
            if (part.IsFull)
                return part.End(after);
            after = places[i].Key;
            // Deleted since the view was taken, it is not exported.
            if (await RecordAsync(places[i].Key, places[i].Position, cancellationToken) is not { } record)
                continue;
            var document = ItemLogRecord.Decode(record.Span).Document;
            part.Add(document with { WorldId = _world.IdOf(document.WorldId) });
        }
        return part.End(places.Length < ExportPart.Most ? null : after);

        // Outside of the turn, since it looks at every row.
        (ulong Key, long Position)[] PlacesAfter()
        {
            using var view = _partition.Acquire();
            return Array.ConvertAll(view.RowsAfter(after, ExportPart.Most), row => (view.KeyOf(row), view.LogPositionOf(row)));
        }
    }

    private async Task<(byte[] Json, long Version)?> ReadAsync(string itemId, CancellationToken cancellationToken) =>
        await RecordAsync(itemId, cancellationToken) is { } record
            ? (ItemLogRecord.JsonOf(record.Bytes.Span).ToArray(), ItemLogRecord.VectorsOf(record.Bytes.Span).Version ?? record.Version)
            : null;

    /// <summary>The newest record of an item, and the version that its row has; null when there is none.</summary>
    private async Task<(ReadOnlyMemory<byte> Bytes, long Version)?> RecordAsync(string itemId, CancellationToken cancellationToken)
    {
        var key = Key64.Of(itemId);
        (long Position, long Version) place;
        using (var view = _partition.Acquire())
        {
            var row = view.Find(key);
            if (row < 0 || view.IdOf(row) != itemId)
                return null;
            place = (view.LogPositionOf(row), view.VersionOf(row));
        }
        return await RecordAsync(key, place.Position, cancellationToken) is { } bytes ? (bytes, place.Version) : null;
    }

    /// <summary>
    /// The record of an item whose row has a position: what lies before the newest snapshot is in it. The snapshot may be newer than the view of the row, and so
    /// may be what it has of the item, or it has the item no more.
    /// </summary>
    private async ValueTask<ReadOnlyMemory<byte>?> RecordAsync(ulong key, long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = Snapshots.Newest;
            try
            {
                return snapshot is not null && position < snapshot.Header.Position
                    ? await snapshot.FindAsync(key, cancellationToken)
                    : await _log!.ReadAtAsync(position, cancellationToken);
            }
            catch (Exception e) when (e is ArgumentOutOfRangeException or ObjectDisposedException && !ReferenceEquals(snapshot, Snapshots.Newest))
            {
                // Two snapshots were completed meanwhile: what this read was about to use is gone, and the newest has it.
            }
        }
    }

    private async Task<ItemDocument?> ReadDocumentAsync(string itemId) =>
        await RecordAsync(itemId, default) is { } record ? ItemLogRecord.Decode(record.Bytes.Span).Document : null;
}
