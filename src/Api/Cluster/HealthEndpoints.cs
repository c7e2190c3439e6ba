using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;

namespace KgOrleans.Api.Cluster;

/// <summary>The body of a probe that succeeds.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
public sealed record HealthAnswer(string Status);

/// <summary><c>/health/live</c> and <c>/health/ready</c>, for probes: open to all, saying little.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Local only: a cluster in trouble must not make orchestrators restart processes that are well.
        routes.MapGet("/health/live", () => TypedResults.Ok(new HealthAnswer("live")))
            .AllowAnonymous().WithTags("Operations").WithName("live").WithSummary("Whether the process answers");
        routes.MapGet("/health/ready", Ready)
            .AllowAnonymous().WithTags("Operations").WithName("ready").WithSummary("Whether every shard is loaded").Produces<HealthAnswer>().ProducesProblems(503);
    }

    private static async Task<IResult> Ready(ShardStates states)
    {
        var shards = await states.GetAsync();
        int[] waiting = [.. Enumerable.Range(0, shards.Length).Where(i => shards[i] is not { Ready: true })];
        return waiting.Length == 0 ? TypedResults.Ok(new HealthAnswer("ready")) : Problem.Unavailable($"Shards that are not ready: {string.Join(", ", waiting)}.");
    }
}
