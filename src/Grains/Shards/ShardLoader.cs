using KgOrleans.Grains.Models;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
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
        IRecordLog log, Partition partition, CatalogueWorld world, ModelHost models, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<ulong, long>();
        var end = log.EndPosition;
        await foreach (var record in log.ReadAsync(0, cancellationToken))
        {
            var item = ItemLogRecord.Decode(record.Payload.Span);
            var key = Key64.Of(item.Document.ItemId);
            if (item.Operation == ItemLogOperation.Put)
                newest[key] = record.Position;
            else
                newest.Remove(key);
        }
        var positions = newest.Values.Order().ToArray();
        var next = 0;
        var waiting = new List<(ItemDocument Document, long Position)>(EmbedBatch);
        await foreach (var record in log.ReadAsync(0, cancellationToken))
        {
            if (next == positions.Length)
                break;
            if (record.Position != positions[next])
                continue;
            next++;
            waiting.Add((world.Normalise(ItemLogRecord.Decode(record.Payload.Span).Document), record.Position));
            if (waiting.Count == EmbedBatch || next == positions.Length)
            {
                Put(partition, models, waiting);
                waiting.Clear();
            }
        }
        partition.Publish(end);
        return (positions.Length, end);
    }

    private static void Put(Partition partition, ModelHost models, List<(ItemDocument Document, long Position)> items)
    {
        var vectors = models.Embed(items.ConvertAll(i => i.Document));
        for (var i = 0; i < items.Count; i++)
            partition.Put(items[i].Document, items[i].Position, vectors.TowerOf(i), recall: vectors.RecallOf(i));
    }
}
