using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>Writes that share one flush. Each is checked against the published view and against the writes before it in the batch.</summary>
/// <param name="partition">Partition of the shard.</param>
/// <param name="world">World and dimensions of the catalogue.</param>
/// <param name="now">Time of the writes.</param>
/// <param name="read">Reads the published document of an item.</param>
/// <param name="versions">Gives each write its version.</param>
/// <param name="countedTo">Up to where the shard has counted events (<see cref="ItemLogRecord.CountedTo"/>).</param>
internal sealed class ShardBatch(
    Partition partition, CatalogueWorld world, DateTimeOffset now, Func<string, Task<ItemDocument?>> read, ItemVersions versions, long[] countedTo)
{
    private readonly List<Change> _changes = [];
    private readonly Dictionary<ulong, int> _newest = [];
    private ItemVectors? _vectors;

    /// <summary>Whether nothing is to be written.</summary>
    public bool IsEmpty => _changes.Count == 0;

    public ShardBatch Next() => new(partition, world, now, read, versions, countedTo);

    // Half of what one append to the log takes.
    private const long MaxBytes = 8 << 20;

    private long _bytes;

    /// <summary>
    /// Whether the batch must be flushed before a write is added: a conditional write and a merge need the version and document of earlier writes of the same
    /// item, and a batch must fit one append.
    /// </summary>
    public bool MustFlushBefore(ItemWrite write) =>
        _bytes > MaxBytes || (_newest.ContainsKey(Key64.Of(write.ItemId)) && (write.IfMatch is not null || write.Operation == WriteOperation.Patch));

    public async Task AddAsync(ItemWrite write, List<WriteOutcome> outcomes)
    {
        var outcome = new WriteOutcome();
        outcomes.Add(outcome);
        var key = Key64.Of(write.ItemId);
        using var view = partition.Acquire();
        var row = view.Find(key);
        if (!Accepts(write.ItemId, key, view, row))
        {
            outcome.Value = WriteResult.Refused(WriteStatus.Conflict, "itemId", "idCollision", "another id has the same 64-bit key; choose a different id");
            return;
        }
        if (!WriteCondition.Holds(write.IfMatch, row < 0 ? null : view.VersionOf(row)))
        {
            outcome.Value = WriteResult.Refused(WriteStatus.VersionMismatch, "If-Match", "versionMismatch", "the item has another version");
            return;
        }
        var exists = _newest.TryGetValue(key, out var earlier) ? _changes[earlier].Operation == ItemLogOperation.Put : row >= 0;
        if (write.Operation != WriteOperation.Put && !exists)
        {
            outcome.Value = WriteResult.Refused(WriteStatus.NotFound, "itemId", "notFound", "no such item");
            return;
        }
        if (write.Operation == WriteOperation.Delete)
        {
            Add(key, new ItemDocument { ItemId = write.ItemId }, ItemLogOperation.Delete, WriteStatus.Updated, outcome);
            return;
        }
        var (document, refusal) = write.Operation == WriteOperation.Put
            ? ShardWrite.Put(write, world.ContentDimension)
            : ShardWrite.Patch(write, (await read(write.ItemId))!, world.ContentDimension);
        if (document is null)
        {
            outcome.Value = refusal!;
            return;
        }
        var worldBefore = _newest.TryGetValue(key, out earlier) ? world.KeyOf(_changes[earlier].Document.WorldId) : row >= 0 ? view.WorldOf(row) : (ulong?)null;
        if (exists && worldBefore != world.KeyOf(document.WorldId))
        {
            outcome.Value = WriteResult.Refused(WriteStatus.Conflict, "worldId", "otherWorld", "the id is taken by an item of another world");
            return;
        }
        Add(key, document, ItemLogOperation.Put, exists ? WriteStatus.Updated : WriteStatus.Created, outcome);
    }

    /// <summary>Before the flush: computes the vectors, and writes them and the documents into records.</summary>
    public List<ReadOnlyMemory<byte>> Encode(ModelHost models)
    {
        _vectors = models.Embed([.. _changes.Where(c => c.Operation == ItemLogOperation.Put).Select(c => world.Normalise(c.Document))]);
        var records = new List<ReadOnlyMemory<byte>>(_changes.Count);
        var put = 0;
        foreach (var change in _changes)
        {
            if (change.Operation == ItemLogOperation.Delete)
            {
                records.Add(ItemLogRecord.Encode(change.Operation, change.At, change.Version, change.Json));
                continue;
            }
            var counted = change.Status == WriteStatus.Created ? countedTo : [];
            records.Add(ItemLogRecord.Encode(
                change.Operation, change.At, change.Version, change.Json, models.SpaceId ?? "", _vectors.StoredTowerOf(put), _vectors.StoredRecallOf(put),
                counted));
            put++;
        }
        return records;
    }

    /// <summary>After the flush: applies the writes to the partition and settles the outcomes. The caller publishes.</summary>
    public void Commit(long[] positions)
    {
        var put = 0;
        for (var i = 0; i < _changes.Count; i++)
        {
            var change = _changes[i];
            if (change.Operation == ItemLogOperation.Put)
            {
                var document = world.Normalise(change.Document);
                partition.Put(document, positions[i], _vectors!.TowerOf(put), recall: _vectors.RecallOf(put), version: change.Version);
                put++;
            }
            else
            {
                partition.Delete(Key64.Of(change.Document.ItemId));
            }
            change.Outcome.Value = new WriteResult(change.Status, change.Version, []);
        }
    }

    private bool Accepts(string itemId, ulong key, PartitionView view, int row)
    {
        if (_newest.TryGetValue(key, out var earlier))
            return _changes[earlier].Document.ItemId == itemId;
        return row >= 0 ? view.IdOf(row) == itemId : partition.Accepts(itemId);
    }

    private void Add(ulong key, ItemDocument document, ItemLogOperation operation, WriteStatus status, WriteOutcome outcome)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options);
        _bytes += json.Length;
        _newest[key] = _changes.Count;
        _changes.Add(new Change(document, json, operation, now.ToUnixTimeMilliseconds(), versions.Next(), status, outcome));
    }

    private sealed record Change(
        ItemDocument Document, byte[] Json, ItemLogOperation Operation, long At, long Version, WriteStatus Status, WriteOutcome Outcome);
}
