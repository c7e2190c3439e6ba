using KgOrleans.Api.Documents;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Api.Requests;

/// <summary><c>GET /v1/requests/{requestId}</c>.</summary>
internal static class RequestEndpoints
{
    public static void MapRequests(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/requests/{requestId}", Get)
            .RequireAuthorization(ApiRoles.Read)
            .WithTags("Recommend")
            .WithName("getRequest")
            .WithSummary("How a page came about")
            .WithDescription(
                "Counts, times and reasons of every stage, and per item its channels and scores; the request's context and labels. "
                + "Records are kept in memory for a while (Kg:Requests): of every request but dry runs, and of dry runs with explain. "
                + "With explain, items also carry the ranker's features.")
            .Produces<RequestAnswer>()
            .ProducesProblems(400, 404, 503);

    private static async Task<IResult> Get(string requestId, HttpContext http, IGrainFactory grains)
    {
        if (DocumentInput.CheckId("requestId", requestId) is { } problem)
            return problem;
        try
        {
            return await grains.GetGrain<ICoordinatorGrain>(0).FindRequest(requestId, http.RequestAborted) is { } record
                ? TypedResults.Ok(RequestAnswer.Of(record))
                : Problem.OfField(
                    StatusCodes.Status404NotFound, "requestId", "unknownRequest", "no record of such a request; records are kept for a while only");
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("No coordinator answered in time.");
        }
    }
}
