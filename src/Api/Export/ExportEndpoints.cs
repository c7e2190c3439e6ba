using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Storage.Events;

namespace KgOrleans.Api.Export;

/// <summary><c>/v1/export</c>: everything that there is, in parts of about a megabyte, as the uploads take it.</summary>
internal static class ExportEndpoints
{
    private const string Parts = "A part of about a megabyte. The header `Link` with `rel=\"next\"` names the next part; the last part has none. ";

    public static void MapExport(this IEndpointRouteBuilder routes)
    {
        Map(
            routes, ExportSort.Items, "exportItems", "All items, as POST /v1/items takes them",
            Parts + "An item that exists from the first part to the last is in exactly one of them, as it was when the part was made.");
        Map(
            routes, ExportSort.Events, "exportEvents", "All events, as POST /v1/events takes them",
            Parts + "Every event that was answered before the first part is in one of them, with the id that it is known by. A user's events keep their order.");
    }

    private static void Map(IEndpointRouteBuilder routes, ExportSort sort, string name, string summary, string description)
    {
        var route = $"/v1/export/{sort.ToString().ToLowerInvariant()}";
        routes.MapGet(route, Get)
            .RequireAuthorization(ApiRoles.Admin)
            .InLane(Lane.Exports)
            .WithTags("Operations")
            .WithName(name)
            .WithSummary(summary)
            .WithDescription(description)
            .Produces<string>(StatusCodes.Status200OK, MediaTypes.Ndjson)
            .ProducesProblems(400, 503);

        async Task<IResult> Get(HttpContext http, IGrainFactory grains, CatalogueShape shape, ExportCursors cursors, string? cursor = null)
        {
            var start = new ExportCursor(0, null);
            if (cursor is not null)
            {
                if (cursors.Open(sort, cursor) is not { } sent)
                    return Problem.Invalid("cursor", "invalid", "is not a cursor that this service gave for this export; start again without one");
                start = sent;
            }
            try
            {
                var (lines, next) = await ReadAsync(grains, sort, shape, start, http.RequestAborted);
                if (lines is null)
                    return Problem.Unavailable("A shard is still loading. Ask for this part again later.");
                if (next is { } place)
                    http.Response.Headers.Link = $"<{route}?cursor={cursors.Sign(sort, place)}>; rel=\"next\"";
                return TypedResults.Bytes(lines, MediaTypes.Ndjson);
            }
            catch (ArgumentOutOfRangeException)
            {
                return Problem.Invalid("cursor", "invalid", "names a place that is no longer there: the data was replaced since. Start again without one");
            }
            catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
            {
                return Problem.Unavailable("The keeper of this part did not answer in time.");
            }
        }
    }

    /// <summary>The next lines that there are; null while their shard is loading. Empty shards are passed over.</summary>
    private static async Task<(byte[]? Lines, ExportCursor? Next)> ReadAsync(
        IGrainFactory grains, ExportSort sort, CatalogueShape shape, ExportCursor from, CancellationToken cancellationToken)
    {
        var parts = sort == ExportSort.Items ? shape.Shards : EventLogOptions.DefaultPartitions;
        while (true)
        {
            var reply = sort == ExportSort.Items
                ? await grains.GetGrain<IItemShardGrain>(from.Part).Export(from.From, cancellationToken)
                : await grains.GetGrain<IEventPartitionGrain>(from.Part).Export(from.From ?? 0, cancellationToken);
            if (reply.Warming)
                return (null, from);
            ExportCursor? next = reply.Next is { } more ? new ExportCursor(from.Part, more)
                : from.Part + 1 < parts ? new ExportCursor(from.Part + 1, null)
                : null;
            if (reply.Lines.Length > 0 || next is null)
                return (reply.Lines, next);
            from = next.Value;
        }
    }
}
