using System.Text;
using KgOrleans.Grains.Models;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;

namespace KgOrleans.Grains.Snapshots;

/// <summary>Writes what a shard is at one moment into a base snapshot, while the shard goes on.</summary>
internal sealed class SnapshotWriter(CatalogueWorld world, ModelHost models)
{
    // Bounds the memory of items that wait for their vectors.
    private const int Batch = 512;

    private readonly DocumentDecoder _decoder = new(world.ContentDimension);
    private readonly byte[] _space = Encoding.ASCII.GetBytes(models.SpaceId ?? "");

    /// <summary>Writes a snapshot: durable and visible when it returns.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="source">The shard at one moment.</param>
    /// <param name="log">The shard's log.</param>
    /// <param name="before">The newest snapshot; null for none.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Stops the writing, and leaves nothing behind.</param>
    public async Task WriteAsync(
        IObjectStore store, string name, SnapshotSource source, IRecordLog log, ShardSnapshot? before, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var file = await RecordFileWriter.CreateAsync(store, name, cancellationToken);
        var view = source.View;
        var header = new SnapshotHeader(
            SnapshotHeader.CurrentFormat, log.Id, source.Position, source.NewestVersion, view.LiveCount, world.ContentDimension, source.CountedTo,
            now);
        await file.AddAsync(header.ToBytes(), cancellationToken);
        await using (var documents = new RowDocuments(log, before))
        {
            var batch = new List<Row>(Batch);
            for (var row = 0; row < view.RowCount; row++)
            {
                if (!view.IsLive(row))
                    continue;
                var (record, item) = await documents.ReadAsync(view.KeyOf(row), view.LogPositionOf(row), cancellationToken);
                batch.Add(RowOf(view, row, record, item));
                if (batch.Count == Batch)
                    await WriteAsync(file, batch, cancellationToken);
            }
            await WriteAsync(file, batch, cancellationToken);
        }
        foreach (var block in source.Neighbours)
            await file.AddAsync(block, cancellationToken);
        await file.CompleteAsync(cancellationToken);
    }

    /// <summary>Whether a record has the vectors of the served space.</summary>
    public static bool HasVectors(in ItemLogVectors vectors, ReadOnlySpan<byte> space, ModelHost models) =>
        vectors.Version is not null && vectors.SpaceId.SequenceEqual(space)
        && vectors.Vector.Length == models.EmbeddingDimension && vectors.Recall.Length == models.RecallDimension;

    private Row RowOf(PartitionView view, int row, ReadOnlyMemory<byte> record, ReadOnlyMemory<byte> item)
    {
        var counters = view.CountersOf(row);
        if (!HasVectors(ItemLogRecord.VectorsOf(record.Span), _space, models))
            return new Row(null, ItemLogRecord.Decode(record.Span), counters, view.VersionOf(row), ItemLogRecord.JsonOf(record.Span).ToArray());
        return item.IsEmpty
            ? new Row(Encode(ItemLogRecord.Decode(record.Span).Document, counters, view.VersionOf(row), record.Span))
            : new Row(ItemSnapshotRecord.WithCounters(item.Span, counters));
    }

    private async Task WriteAsync(RecordFileWriter file, List<Row> batch, CancellationToken cancellationToken)
    {
        // The model runs for items of another space, and for those whose vectors could not be computed before.
        var lacking = batch.Where(row => row.Bytes is null).ToArray();
        var vectors = models.Embed([.. lacking.Select(row => world.Normalise(row.Record!.Document))]);
        var next = 0;
        foreach (var row in batch)
        {
            if (row.Bytes is { } bytes)
            {
                await file.AddAsync(bytes, cancellationToken);
                continue;
            }
            var record = ItemLogRecord.Encode(
                ItemLogOperation.Put, row.Record!.At, row.Version, row.Json, models.SpaceId ?? "", vectors.StoredTowerOf(next), vectors.StoredRecallOf(next));
            await file.AddAsync(Encode(row.Record.Document, row.Counters, row.Version, record), cancellationToken);
            next++;
        }
        batch.Clear();
    }

    private byte[] Encode(ItemDocument document, ItemCounters counters, long version, ReadOnlySpan<byte> record)
    {
        var item = _decoder.Decode(world.Normalise(document));
        item.Version = version;
        return ItemSnapshotRecord.Encode(item, counters, record);
    }

    /// <summary>An item that is ready, or one whose vectors have to be computed.</summary>
    private sealed record Row(byte[]? Bytes, ItemLogRecord? Record = null, ItemCounters Counters = default, long Version = 0, byte[]? Json = null);
}
