using System.Text.Json;
using KgOrleans.Api.Bulk;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Items;

/// <summary><c>/v1/items</c>.</summary>
internal static class ItemEndpoints
{
    private const string Route = "/v1/items/{itemId}";
    private const string ItemExample =
        """{"itemId":"w00042","creatorId":"c0007","songId":"s0100","kind":"video","title":"Moonlight","tags":["ballad"],"region":"GD","durationSeconds":184,"publishedAt":"2026-01-31T12:00:00Z","quality":0.8}""";

    public static void MapItems(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Route, Get).RequireAuthorization(ApiRoles.Read).WithTags("Items").WithName("getItem")
            .WithSummary("A work as last written").WithDescription("The ETag header is the version.")
            .Produces<ItemDocument>().Produces(304).ProducesProblems(400, 404, 503);
        routes.MapPut(Route, Put).RequireAuthorization(ApiRoles.Write).WithTags("Items").WithName("putItem")
            .WithSummary("Writes or replaces a work").WithDescription("Honours If-Match. A 200 or 201 means that the write is durable and seen by every request started after it.")
            .Accepts<ItemDocument>(MediaTypes.Json).WithExample(ItemExample)
            .Produces<Written>().Produces<Written>(201).ProducesProblems(400, 409, 412, 413, 415, 503);
        routes.MapPatch(Route, Patch).RequireAuthorization(ApiRoles.Write).WithTags("Items").WithName("patchItem")
            .WithSummary("Merges into a work").WithDescription("RFC 7396: members replace, null removes. Honours If-Match.")
            .Accepts<ItemDocument>(MediaTypes.MergePatch, MediaTypes.Json)
            .WithExample("""{"title":"Moonlight (live)","hidden":true}""", MediaTypes.MergePatch)
            .Produces<Written>().ProducesProblems(400, 404, 412, 413, 415, 503);
        routes.MapDelete(Route, Delete).RequireAuthorization(ApiRoles.Write).WithTags("Items").WithName("deleteItem")
            .WithSummary("Deletes a work").WithDescription("It appears in no answer from then on. Honours If-Match.")
            .Produces(204).ProducesProblems(400, 404, 412, 503);
        routes.MapPost("/v1/items", Upload).RequireAuthorization(ApiRoles.Write).WithTags("Items").WithName("uploadItems")
            .WithSummary("Writes many works")
            .WithDescription("A JSON array of at most 1 MB, or NDJSON (a work a line, lines of at most 64 KB) of any length, streamed. A bad work is rejected alone. Two writes of one work keep their order.")
            .Accepts<ItemDocument[]>(MediaTypes.Json, MediaTypes.Ndjson).WithExample($"[{ItemExample}]").WithExample(ItemExample + "\n", MediaTypes.Ndjson)
            .Produces<BulkAnswer>().ProducesProblems(400, 413, 415, 503)
            .DisableRequestTimeout();
    }

    private static async Task<IResult> Get(string itemId, HttpContext http, IGrainFactory grains, CatalogueShape shape)
    {
        if (DocumentInput.CheckId("itemId", itemId) is { } problem)
            return problem;
        try
        {
            if (await Shard(grains, shape, itemId).GetItem(itemId, http.RequestAborted) is not { } item)
                return WriteAnswers.NotFound(itemId);
            http.Response.Headers.ETag = VersionConditions.ETag(item.Version);
            return VersionConditions.NotModified(http, item.Version) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Bytes(item.Json, MediaTypes.Json);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("The shard of the item did not answer in time.");
        }
    }

    private static async Task<IResult> Put(string itemId, HttpContext http, IGrainFactory grains, CatalogueShape shape, TimeProvider time)
    {
        if (DocumentInput.CheckId("itemId", itemId) is { } badId)
            return badId;
        using var body = await JsonBody.ReadAsync(http, MediaTypes.Json);
        if (body.Problem is not null)
            return body.Problem;
        if (!InputJson.TryRead<ItemDocument>(body.Utf8.Span, "", InputJson.Options, out var item, out var error))
            return Problem.Invalid([error]);
        if (DocumentInput.CheckSameId("itemId", itemId, item.ItemId) is { } otherId)
            return otherId;
        item = item with { ItemId = itemId };
        var errors = ItemValidator.Validate(item, time.GetUtcNow(), shape.ContentDimension);
        return errors.Count > 0
            ? Problem.Invalid(errors)
            : await Write(http, grains, shape, WriteOperation.Put, itemId, JsonSerializer.SerializeToUtf8Bytes(item, KgJson.Options));
    }

    private static async Task<IResult> Patch(string itemId, HttpContext http, IGrainFactory grains, CatalogueShape shape)
    {
        if (DocumentInput.CheckId("itemId", itemId) is { } badId)
            return badId;
        using var body = await JsonBody.ReadAsync(http, MediaTypes.MergePatch, MediaTypes.Json);
        return body.Problem
            ?? DocumentInput.CheckPatch<ItemDocument>(body.Utf8, "itemId", itemId)
            ?? await Write(http, grains, shape, WriteOperation.Patch, itemId, body.Utf8.ToArray());
    }

    private static async Task<IResult> Delete(string itemId, HttpContext http, IGrainFactory grains, CatalogueShape shape) =>
        DocumentInput.CheckId("itemId", itemId) ?? await Write(http, grains, shape, WriteOperation.Delete, itemId, []);

    private static Task<IResult> Upload(HttpContext http, IGrainFactory grains, CatalogueShape shape, TimeProvider time, ApiInstruments instruments) =>
        BulkReader.RunAsync(http, new ItemBulk(grains, shape, time.GetUtcNow()), instruments);

    private static async Task<IResult> Write(HttpContext http, IGrainFactory grains, CatalogueShape shape, WriteOperation operation, string itemId, byte[] json)
    {
        var shard = Shard(grains, shape, itemId);
        try
        {
            var (ifMatch, problem) = await VersionConditions.ResolveAsync(http, async () => (await shard.GetItem(itemId, http.RequestAborted))?.Version);
            if (problem is not null)
                return problem;
            var reply = await shard.Write(new ItemWrites([new ItemWrite(operation, itemId, json, ifMatch)]), http.RequestAborted);
            return WriteAnswers.From(http, itemId, operation, reply.Results[0]);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("The shard of the item did not answer in time; whether the write was done is not known.");
        }
    }

    private static IItemShardGrain Shard(IGrainFactory grains, CatalogueShape shape, string itemId) =>
        grains.GetGrain<IItemShardGrain>(Key64.Shard(Key64.Of(itemId), shape.Shards));
}
