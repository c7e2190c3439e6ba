using KgOrleans.Api.Documents;
using KgOrleans.Api.OpenApi;
using KgOrleans.Api.Problems;
using KgOrleans.Api.Security;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Api.Cluster;

/// <summary><c>GET /v1/cluster</c>.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/cluster", Get)
            .RequireAuthorization(ApiRoles.Read)
            .WithTags("Operations")
            .WithName("getCluster")
            .WithSummary("Silos and shards: where shards live, their items, versions, memory and lag")
            .Produces<ClusterAnswer>()
            .ProducesProblems(503);

    private static async Task<IResult> Get(HttpContext http, IGrainFactory grains, ClusterStates states)
    {
        try
        {
            var hosts = grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: false);
            var coordinator = grains.GetGrain<ICoordinatorGrain>(0).GetState();
            var shards = await states.ShardsAsync();
            return TypedResults.Ok(Answer(await hosts, shards, await coordinator));
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, http.RequestAborted))
        {
            return Problem.Unavailable("The cluster did not answer in time.");
        }
    }

    private static ClusterAnswer Answer(Dictionary<SiloAddress, SiloStatus> hosts, ItemShardView?[] shards, CoordinatorView coordinator)
    {
        ItemShardView[] known = [.. shards.OfType<ItemShardView>()];
        return new ClusterAnswer(
            [.. hosts.Select(h => Silo(h.Key, h.Value, known)).OrderBy(s => s.Silo, StringComparer.Ordinal)],
            known,
            [.. Enumerable.Range(0, shards.Length).Where(i => shards[i] is null)],
            known.Sum(s => (long)s.Items),
            known.Sum(s => s.Bytes),
            coordinator.ModelVersion.Length > 0 ? coordinator.ModelVersion : null,
            coordinator.SpaceId.Length > 0 ? coordinator.SpaceId : null);
    }

    private static SiloAnswer Silo(SiloAddress address, SiloStatus status, ItemShardView[] shards)
    {
        var name = address.ToString();
        return new SiloAnswer(
            name, char.ToLowerInvariant(status.ToString()[0]) + status.ToString()[1..], [.. shards.Where(s => s.Silo == name).Select(s => s.Shard)]);
    }
}
