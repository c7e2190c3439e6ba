using KgOrleans.Grains.Models;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Grains.Shards;

/// <summary>Brings an empty partition to the end of its log.</summary>
internal static class ShardLoader
{
    // Bounds the memory of documents that wait for their item vectors.
    private const int EmbedBatch = 1_024;

    /// <summary>Reads the log once for the newest record of every item, then puts those records in log order.</summary>
    /// <returns>Number of live items, and the end of the log that they come from.</returns>
    public static async Task<(int Items, long EndPosition)> LoadAsync(
        IRecordLog log, Partition partition, CatalogueWorld world, ModelHost models, ItemVersions versions, ShardCounters counters,
        CancellationToken cancellationToken)
    {
        var lives = new ItemLives();
        var newest = new Dictionary<ulong, long>();
        var end = log.EndPosition;
        await foreach (var record in log.ReadAsync(0, cancellationToken))
        {
            var (operation, itemId, version, countedTo) = ItemLogRecord.Peek(record.Payload.Span);
            versions.Saw(version ?? record.Position);
            var key = Key64.Of(itemId);
            lives.Saw(key, operation, countedTo);
            if (operation == ItemLogOperation.Put)
                newest[key] = record.Position;
            else
                newest.Remove(key);
        }
        var positions = newest.Values.Order().ToArray();
        var next = 0;
        var waiting = new List<(ItemLogRecord Record, long Position)>(EmbedBatch);
        await foreach (var record in log.ReadAsync(0, cancellationToken))
        {
            if (next == positions.Length)
                break;
            if (record.Position != positions[next])
                continue;
            next++;
            waiting.Add((ItemLogRecord.Decode(record.Payload.Span), record.Position));
            if (waiting.Count == EmbedBatch || next == positions.Length)
            {
                Put(partition, world, models, waiting);
                waiting.Clear();
            }
        }
        lives.WriteTo(counters);
        partition.Publish(end);
        return (positions.Length, end);
    }

    private static void Put(Partition partition, CatalogueWorld world, ModelHost models, List<(ItemLogRecord Record, long Position)> items)
    {
        var documents = items.ConvertAll(i => world.Normalise(i.Record.Document));
        // The model runs for what the log has no vectors of: those of another model, and those of a write whose vectors could not be computed.
        var vectors = models.Embed([.. documents.Where((_, i) => !HasVectors(items[i].Record, models))]);
        var computed = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var (record, position) = items[i];
            var isKnown = HasVectors(record, models);
            partition.Put(
                documents[i], position, isKnown ? record.Vector : vectors.TowerOf(computed), recall: isKnown ? record.Recall : vectors.RecallOf(computed),
                version: record.Version ?? position);
            computed += isKnown ? 0 : 1;
        }
    }

    private static bool HasVectors(ItemLogRecord record, ModelHost models) =>
        record.SpaceId == (models.SpaceId ?? "") && record.Vector.Length == models.EmbeddingDimension && record.Recall.Length == models.RecallDimension;
}
