using System.Text;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Snapshots;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Grains.Shards;

/// <summary>Brings an empty partition to the end of its log: from the newest base snapshot, and then from what the log has behind it.</summary>
/// <param name="partition">The partition.</param>
/// <param name="world">World and dimensions of the catalogue.</param>
/// <param name="models">The served bundle: the model runs for items of which nobody has kept its vectors.</param>
/// <param name="versions">Is told of every version that was given.</param>
/// <param name="counters">Starts where the snapshot ends.</param>
/// <param name="neighbours">Gets the neighbours of the snapshot.</param>
internal sealed class ShardLoader(
    Partition partition, CatalogueWorld world, ModelHost models, ItemVersions versions, ShardCounters counters, ShardNeighbours neighbours)
{
    // Bounds the memory of documents that wait for their vectors.
    private const int EmbedBatch = 1_024;

    private readonly byte[] _space = Encoding.ASCII.GetBytes(models.SpaceId ?? "");

    /// <summary>Loads, and publishes the result.</summary>
    /// <param name="log">The shard's log.</param>
    /// <param name="snapshot">The newest base snapshot; null for none.</param>
    /// <param name="cancellationToken">Stops the loading.</param>
    /// <returns>Number of records that were read from the log, and its end.</returns>
    public async Task<(int Replayed, long EndPosition)> LoadAsync(IRecordLog log, ShardSnapshot? snapshot, CancellationToken cancellationToken)
    {
        var end = log.EndPosition;
        if (snapshot is not null)
            await RestoreAsync(snapshot, cancellationToken);
        var replayed = await ReplayAsync(log, snapshot?.Header.Position ?? 0, cancellationToken);
        partition.Publish(end);
        return (replayed, end);
    }

    private async Task RestoreAsync(ShardSnapshot snapshot, CancellationToken cancellationToken)
    {
        versions.Saw(snapshot.Header.NewestVersion);
        var fits = snapshot.Header.ContentDimension == world.ContentDimension;
        var waiting = new List<Item>(EmbedBatch);
        await foreach (var payload in snapshot.ItemsAsync(cancellationToken))
        {
            if (fits && TryAppend(payload.Span))
                continue;
            waiting.Add(ItemOf(payload.Span));
            if (waiting.Count == EmbedBatch)
                Put(waiting);
        }
        Put(waiting);
        await foreach (var block in snapshot.NeighboursAsync(cancellationToken))
            neighbours.AddBlock(block.Span);
        counters.Start(snapshot.Header.CountedTo);
    }

    /// <summary>Reads the log once for the newest record of every item, then puts those records in log order.</summary>
    private async Task<int> ReplayAsync(IRecordLog log, long from, CancellationToken cancellationToken)
    {
        var (newest, deleted, lives, records) = (new Dictionary<ulong, long>(), new HashSet<ulong>(), new ItemLives(), 0);
        await foreach (var record in log.ReadAsync(from, cancellationToken))
        {
            records++;
            var (operation, itemId, version, countedTo) = ItemLogRecord.Peek(record.Payload.Span);
            versions.Saw(version ?? record.Position);
            var key = Key64.Of(itemId);
            lives.Saw(key, operation, countedTo);
            if (operation == ItemLogOperation.Put)
            {
                newest[key] = record.Position;
            }
            else
            {
                newest.Remove(key);
                deleted.Add(key);
            }
        }
        // What was created again afterwards starts with new counters.
        foreach (var key in deleted)
            partition.Delete(key);
        var positions = newest.Values.Order().ToArray();
        var next = 0;
        var waiting = new List<Item>(EmbedBatch);
        await foreach (var record in log.ReadAsync(from, cancellationToken))
        {
            if (next == positions.Length)
                break;
            if (record.Position != positions[next])
                continue;
            next++;
            waiting.Add(new Item(ItemLogRecord.Decode(record.Payload.Span), record.Position, null));
            if (waiting.Count == EmbedBatch)
                Put(waiting);
        }
        Put(waiting);
        lives.WriteTo(counters);
        return records;
    }

    /// <summary>Appends an item of a snapshot as it is; false when its vectors are of another space than the one that is served.</summary>
    private bool TryAppend(ReadOnlySpan<byte> payload)
    {
        var item = ItemSnapshotRecord.Decode(payload, out var itemCounters, out var record);
        var vectors = ItemLogRecord.VectorsOf(record);
        if (!SnapshotWriter.HasVectors(vectors, _space, models))
            return false;
        item.Embedding = vectors.Vector;
        item.Recall = vectors.Recall;
        partition.Append(item);
        partition.Restore(item.Key, itemCounters);
        return true;
    }

    private static Item ItemOf(ReadOnlySpan<byte> payload)
    {
        ItemSnapshotRecord.Decode(payload, out var itemCounters, out var record);
        return new Item(ItemLogRecord.Decode(record), 0, itemCounters);
    }

    private void Put(List<Item> items)
    {
        var documents = items.ConvertAll(i => world.Normalise(i.Record.Document));
        var vectors = models.Embed([.. documents.Where((_, i) => !HasVectors(items[i].Record))]);
        var computed = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var (record, position, itemCounters) = items[i];
            var isKnown = HasVectors(record);
            partition.Put(
                documents[i], position, isKnown ? record.Vector : vectors.TowerOf(computed), recall: isKnown ? record.Recall : vectors.RecallOf(computed),
                version: record.Version ?? position);
            if (itemCounters is { } counted)
                partition.Restore(Key64.Of(documents[i].ItemId), counted);
            computed += isKnown ? 0 : 1;
        }
        items.Clear();
    }

    private bool HasVectors(ItemLogRecord record) =>
        record.SpaceId == (models.SpaceId ?? "") && record.Vector.Length == models.EmbeddingDimension && record.Recall.Length == models.RecallDimension;

    /// <summary>An item that waits for its vectors: from the log with its position, or from a snapshot with its counters.</summary>
    private sealed record Item(ItemLogRecord Record, long Position, ItemCounters? Counters);
}
