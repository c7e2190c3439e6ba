using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Items;

/// <summary>Items, kept by shards: a lane is a shard.</summary>
internal sealed class ItemStore(IGrainFactory grains, CatalogueShape shape) : DocumentStore<ItemDocument>(shape.Shards, BatchSize)
{
    // One group commit of a shard each; larger batches save nothing and hold memory.
    private const int BatchSize = 500;

    public override string Keeper => "The shard of the item";

    public override string IdOf(ItemDocument document) => document.ItemId;

    public override ItemDocument WithId(ItemDocument document, string id) => document with { ItemId = id };

    public override IReadOnlyList<FieldError> Validate(ItemDocument document) => ItemValidator.Validate(document, shape.ContentDimension);

    public override async Task<IResult?> ReadAsync(HttpContext http, string id)
    {
        if (await Shard(id).GetItem(id, http.RequestAborted) is not { } item)
            return null;
        http.Response.Headers.ETag = VersionConditions.ETag(item.Version);
        return VersionConditions.NotModified(http, item.Version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Bytes(item.Json, MediaTypes.Json);
    }

    public override async Task<long?> VersionAsync(string id, CancellationToken cancellationToken) => (await Shard(id).GetItem(id, cancellationToken))?.Version;

    public override async Task<WriteResult> WriteAsync(WriteOperation operation, string id, byte[] json, long? ifMatch, CancellationToken cancellationToken) =>
        (await Shard(id).Write(new ItemWrites([new ItemWrite(operation, id, json, ifMatch)]), cancellationToken)).Results[0];

    protected override async Task<WriteResult[]> WriteBatchAsync(int lane, BulkDocument[] batch, CancellationToken cancellationToken)
    {
        var writes = new ItemWrites(Array.ConvertAll(batch, d => new ItemWrite(WriteOperation.Put, d.Id, d.Json, null)));
        return (await grains.GetGrain<IItemShardGrain>(lane).Write(writes, cancellationToken)).Results;
    }

    private IItemShardGrain Shard(string id) => grains.GetGrain<IItemShardGrain>(LaneOf(id));
}
