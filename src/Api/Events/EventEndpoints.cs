using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Storage;

namespace KgOrleans.Api.Events;

/// <summary><c>POST /v1/events</c>.</summary>
internal static class EventEndpoints
{
    // User grains called at once for one call: enough for their state writes to share group commits, few enough to leave room for readers.
    private const int UsersAtOnce = 64;

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/events", Record)
            .RequireAuthorization(ApiRoles.Write)
            .WithTags("Events")
            .WithName("recordEvents")
            .WithSummary("Records what users did")
            .WithDescription("After a 200 the accepted events are durable. Sending an event again is harmless. "
                + "An invalid event is rejected; the others are recorded. A call without a valid event is a 400.")
            .Accepts<EventsRequest>(MediaTypes.Json)
            .WithExample("""{"events":[{"userId":"u0001","itemId":"w00042","type":"impression"}""" +
                """,{"userId":"u0001","itemId":"w00042","type":"play","value":0.8}]}""")
            .Produces<EventsAnswer>()
            .ProducesProblems(400, 413, 415, 503);

    private static async Task<IResult> Record(HttpContext http, IGrainFactory grains, TimeProvider time, ApiInstruments instruments)
    {
        EventBatch batch;
        using (var body = await JsonBody.ReadAsync(http, MediaTypes.Json))
        {
            if (body.Problem is not null)
                return body.Problem;
            if (EventBatch.TryRead(body.Utf8, time.GetUtcNow(), out batch) is { } problem)
                return problem;
        }
        var statuses = new EventStatus[batch.Invalid.Count + batch.Users.Sum(u => u.Indexes.Count)];
        await Parallel.ForEachAsync(
            batch.Users,
            new ParallelOptions { MaxDegreeOfParallelism = UsersAtOnce, CancellationToken = http.RequestAborted },
            async (user, cancellationToken) => await RecordUser(grains, user, statuses, cancellationToken));
        var answer = Answer(batch, statuses);
        instruments.CountEvents(answer);
        var unavailable = answer.Rejected.Count(r => r.Retryable);
        return unavailable > 0 && unavailable == statuses.Length - batch.Invalid.Count
            ? Problem.Unavailable("No event could be recorded now. Send them again later.")
            : TypedResults.Ok(answer);
    }

    private static async Task RecordUser(IGrainFactory grains, UserEvents user, EventStatus[] statuses, CancellationToken cancellationToken)
    {
        EventStatus[]? ended = null;
        var otherwise = EventStatus.Unavailable;
        try
        {
            var command = new EventsCommand([.. user.Json]) { Filled = [.. user.Filled] };
            ended = (await grains.GetGrain<IUserGrain>(user.UserId).RecordEvents(command, cancellationToken)).Statuses;
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, cancellationToken))
        {
            // These events are rejected as retryable below; those of other users go on.
        }
        catch (Exception exception) when (StorageException.IsForGood(exception))
        {
            otherwise = EventStatus.Unreadable;
        }
        for (var i = 0; i < user.Indexes.Count; i++)
            statuses[user.Indexes[i]] = ended?[i] ?? otherwise;
    }

    private static EventsAnswer Answer(EventBatch batch, EventStatus[] statuses)
    {
        var rejected = batch.Invalid
            .Select(e => new RejectedEvent(e.Index, e.Errors[0].Code, string.Join("; ", e.Errors), Retryable: false))
            .ToList();
        int accepted = 0, duplicates = 0;
        foreach (var index in batch.Users.SelectMany(u => u.Indexes))
        {
            switch (statuses[index])
            {
                case EventStatus.Accepted:
                    accepted++;
                    break;
                case EventStatus.Duplicate:
                    duplicates++;
                    break;
                case EventStatus.UnknownItem:
                    rejected.Add(new RejectedEvent(index, "unknownItem", "itemId: there is no such item", Retryable: false));
                    break;
                case EventStatus.Unreadable:
                    rejected.Add(new RejectedEvent(
                        index, "stateUnreadable", "userId: the stored state of this user cannot be read; an operator must repair it", Retryable: false));
                    break;
                case EventStatus.IdConflict:
                    rejected.Add(new RejectedEvent(index, "eventIdConflict", "eventId: stands for another event of this user already", Retryable: false));
                    break;
                default:
                    rejected.Add(new RejectedEvent(index, "unavailable", "could not be recorded now; send it again later", Retryable: true));
                    break;
            }
        }
        rejected.Sort((a, b) => a.Index.CompareTo(b.Index));
        return new EventsAnswer(accepted, duplicates, rejected);
    }
}
