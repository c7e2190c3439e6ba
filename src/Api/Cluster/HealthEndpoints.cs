using KgOrleans.Api.Demo;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Silo;

namespace KgOrleans.Api.Cluster;

/// <summary>The body of a probe that succeeds.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
public sealed record HealthAnswer(string Status);

/// <summary><c>/health/live</c> and <c>/health/ready</c>, for probes: no key is needed, and the answers say little.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Local only: a cluster in trouble must not make orchestrators restart processes that are well.
        routes.MapGet("/health/live", () => TypedResults.Ok(new HealthAnswer("live")))
            .AllowAnonymous().InLane(Lane.Free).WithTags("Operations").WithName("live").WithSummary("Whether the process answers");
        routes.MapGet("/health/ready", Ready)
            .AllowAnonymous().InLane(Lane.Free).WithTags("Operations").WithName("ready")
            .WithSummary("Whether every shard, its counters and the scenes are loaded, and the demo world is written if it was asked for")
            .Produces<HealthAnswer>().ProducesProblems(503);
    }

    private static async Task<IResult> Ready(ClusterStates states, IServiceProvider services)
    {
        var scenes = states.SceneRevisionAsync();
        var shards = await states.ShardsAsync();
        int[] waiting = [.. Enumerable.Range(0, shards.Length).Where(i => shards[i] is not { Ready: true })];
        if (waiting.Length > 0)
            return Problem.Unavailable($"Shards that are not ready: {string.Join(", ", waiting)}.");
        if (services.GetService<SiloReadiness>()?.Obstacle is { } obstacle)
            return Problem.Unavailable(obstacle);
        if (await scenes < 0)
            return Problem.Unavailable("The scenes are not loaded.");
        return services.GetService<DemoReadiness>()?.Obstacle is { } seeding ? Problem.Unavailable(seeding) : TypedResults.Ok(new HealthAnswer("ready"));
    }
}
