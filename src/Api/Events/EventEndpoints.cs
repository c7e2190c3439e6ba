using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;

namespace KgOrleans.Api.Events;

/// <summary><c>POST /v1/events</c>.</summary>
internal static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/events", Record)
            .RequireAuthorization(ApiRoles.Write)
            .WithTags("Events")
            .WithName("recordEvents")
            .WithSummary("Records what users did")
            .WithDescription("After a 200 the accepted events are durable. Sending an event again is harmless. "
                + "An invalid event is rejected; the others are recorded. A call without a valid event is a 400. "
                + "NDJSON has one event to a line and any number of lines; the 200 comes when all are done and lists the first 1,000 that were rejected. "
                + "`undo: true` takes back the user's earlier events of the type.")
            .Accepts<EventsRequest>(MediaTypes.Json, MediaTypes.Ndjson)
            .WithExample("""{"events":[{"userId":"u0001","itemId":"w00042","type":"impression"}""" +
                """,{"userId":"u0001","itemId":"w00042","type":"play","value":0.8}]}""")
            .WithExample("""{"userId":"u0001","itemId":"w00042","type":"like"}""" + "\n", MediaTypes.Ndjson)
            .Produces<EventsAnswer>()
            .ProducesProblems(400, 413, 415, 503);

    private static async Task<IResult> Record(HttpContext http, IGrainFactory grains, TimeProvider time, UploadTurns turns, ApiInstruments instruments)
    {
        if (MediaTypes.Is(http.Request, MediaTypes.Ndjson))
            return await EventLines.RunAsync(http, grains, time, turns, instruments);
        EventBatch batch;
        using (var body = await JsonBody.ReadAsync(http, MediaTypes.Json, MediaTypes.Ndjson))
        {
            if (body.Problem is not null)
                return body.Problem;
            if (EventBatch.TryRead(body.Utf8, time.GetUtcNow(), out batch) is { } problem)
                return problem;
        }
        var answer = await EventRecorder.RecordAsync(grains, batch, http.RequestAborted);
        instruments.CountEvents(answer);
        var unavailable = answer.Rejected.Count(r => r.Retryable);
        return unavailable > 0 && unavailable == answer.Rejected.Count - batch.Invalid.Count && answer is { Accepted: 0, Duplicates: 0 }
            ? Problem.Unavailable("No event could be recorded now. Send them again later.")
            : TypedResults.Ok(answer);
    }
}
