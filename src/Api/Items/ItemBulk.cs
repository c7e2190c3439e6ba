using KgOrleans.Api.Bulk;
using KgOrleans.Api.Hosting;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Items;

/// <summary>Bulk writes of items: a lane is a shard.</summary>
internal sealed class ItemBulk(IGrainFactory grains, CatalogueShape shape, DateTimeOffset now) : BulkTarget<ItemDocument>
{
    // One group commit of a shard each; larger batches save nothing and hold memory.
    private const int BatchSize = 500;

    public override string IdOf(ItemDocument document) => document.ItemId;

    public override IReadOnlyList<FieldError> Validate(ItemDocument document) => ItemValidator.Validate(document, now, shape.ContentDimension);

    public override int LaneOf(string id) => Key64.Shard(Key64.Of(id), shape.Shards);

    public override BulkUpload Start(BulkOutcome outcome) => new(shape.Shards, BatchSize, WriteAsync, outcome);

    private async Task<WriteResult[]> WriteAsync(int shard, BulkDocument[] batch, CancellationToken cancellationToken)
    {
        var writes = new ItemWrites(Array.ConvertAll(batch, d => new ItemWrite(WriteOperation.Put, d.Id, d.Json, null)));
        return (await grains.GetGrain<IItemShardGrain>(shard).Write(writes, cancellationToken)).Results;
    }
}
