using System.Text.Json;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Api.Scenes;

/// <summary>Exposure that a scene promises its new items.</summary>
/// <param name="Scene">Name.</param>
/// <param name="ColdStart">What each new item is promised; null when the scene promises nothing.</param>
/// <param name="Items">Items with a promise, kept or not: admitted by the scene, in their first days, of enough quality.</param>
/// <param name="OpenItems">Those that have not had all of it yet.</param>
/// <param name="Owed">Impressions promised to all of them.</param>
/// <param name="Delivered">Impressions that they had, each counted up to its promise.</param>
/// <param name="Open">Promised impressions that are still missing.</param>
/// <param name="Missing">Shards that did not answer; the sums do not include their items.</param>
public sealed record ExposureAnswer(
    string Scene, ColdStartSettings? ColdStart, long Items, long OpenItems, long Owed, long Delivered, long Open, IReadOnlyList<int> Missing);

/// <summary>Exposure that a scene promises one item.</summary>
/// <param name="ItemId">The item.</param>
/// <param name="Scene">Name of the scene.</param>
/// <param name="IsOwed">Whether the item has a promise, kept or not: admitted by the scene, in its first days, of enough quality.</param>
/// <param name="Impressions">Impressions so far.</param>
/// <param name="Owed">Impressions promised.</param>
/// <param name="Delivered">Promised impressions that it had.</param>
/// <param name="Open">Promised impressions that are still missing.</param>
public sealed record ItemExposureAnswer(string ItemId, string Scene, bool IsOwed, long Impressions, long Owed, long Delivered, long Open);

/// <summary><c>/v1/scenes/{scene}/exposure</c> and <c>/v1/items/{itemId}/exposure</c>.</summary>
internal static class ExposureEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void MapExposure(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/scenes/{scene}/exposure", OfScene).RequireAuthorization(ApiRoles.Read).WithTags("Scenes").WithName("getSceneExposure")
            .WithSummary("Exposure that a scene promises its new items, and how much they had").Produces<ExposureAnswer>().ProducesProblems(400, 404, 503);
        routes.MapGet("/v1/items/{itemId}/exposure", OfItem).RequireAuthorization(ApiRoles.Read).WithTags("Items").WithName("getItemExposure")
            .WithSummary("Exposure that a scene promises an item, and how much it had")
            .WithDescription("Without scene, the scene is feed.")
            .Produces<ItemExposureAnswer>().ProducesProblems(400, 404, 503);
    }

    private static async Task<IResult> OfScene(string scene, HttpContext http, IGrainFactory grains, CatalogueShape shape, TimeProvider time)
    {
        var (found, refusal) = await FindAsync(scene, http, grains);
        if (found is null)
            return refusal!;
        if (found.Document.Discovery.ColdStart is null)
            return TypedResults.Ok(new ExposureAnswer(scene, null, 0, 0, 0, 0, 0, []));
        var query = QueryOf(found, time, null);
        var replies = await Task.WhenAll(Enumerable.Range(0, shape.Shards).Select(shard => AskAsync(grains, shard, query, time, http.RequestAborted)));
        ExposureReply[] known = [.. replies.OfType<ExposureReply>()];
        if (known.Length == 0)
            return Problem.Unavailable("No shard answered in time.");
        var (owed, delivered) = (known.Sum(r => r.Owed), known.Sum(r => r.Delivered));
        return TypedResults.Ok(new ExposureAnswer(
            scene, found.Document.Discovery.ColdStart, known.Sum(r => r.Items), known.Sum(r => r.OpenItems), owed, delivered, owed - delivered,
            [.. Enumerable.Range(0, replies.Length).Where(i => replies[i] is null)]));
    }

    private static async Task<IResult> OfItem(
        string itemId, HttpContext http, IGrainFactory grains, CatalogueShape shape, TimeProvider time, string scene = BuiltInScenes.Feed)
    {
        if (DocumentInput.CheckId("itemId", itemId) is { } problem)
            return problem;
        var (found, refusal) = await FindAsync(scene, http, grains);
        if (found is null)
            return refusal!;
        // A scene that promises nothing still tells how often an item was shown.
        var query = QueryOf(found, time, itemId);
        if (await AskAsync(grains, Key64.Shard(Key64.Of(itemId), shape.Shards), query, time, http.RequestAborted) is not { } reply)
            return Problem.Unavailable("The shard of the item did not answer in time.");
        if (!reply.IsKnown)
            return WriteAnswers.NotFound(itemId);
        return TypedResults.Ok(new ItemExposureAnswer(
            itemId, scene, reply.Items > 0, reply.Impressions, reply.Owed, reply.Delivered, reply.Owed - reply.Delivered));
    }

    // The newest version in the registry, whether or not this silo serves by it yet.
    private static async Task<(EffectiveScene? Scene, IResult? Refusal)> FindAsync(string scene, HttpContext http, IGrainFactory grains)
    {
        if (DocumentInput.CheckId("scene", scene) is { } problem)
            return (null, problem);
        try
        {
            return await SceneEndpoints.Registry(grains).GetVersion(scene, version: null) is { } stored
                ? (new EffectiveScene(SceneEndpoints.DocumentOf(stored), stored.Version.Version), null)
                : (null, SceneEndpoints.Unknown());
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return (null, SceneEndpoints.Silent());
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return (null, Problem.Unavailable("The scene was written by another version of the software, and this version cannot serve it."));
        }
    }

    private static ExposureQuery QueryOf(EffectiveScene scene, TimeProvider time, string? itemId) =>
        new(time.GetUtcNow().ToUnixTimeMilliseconds(), scene.RecallUtf8, itemId);

    private static async Task<ExposureReply?> AskAsync(
        IGrainFactory grains, int shard, ExposureQuery query, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await grains.GetGrain<IItemShardGrain>(shard).GetExposure(query).WaitAsync(Patience, time, cancellationToken);
            return reply.Warming ? null : reply;
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, cancellationToken))
        {
            return null;
        }
    }
}
