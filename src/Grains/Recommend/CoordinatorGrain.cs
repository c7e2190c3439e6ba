using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Requests;
using KgOrleans.Grains.Scenes;
using KgOrleans.Grains.Shards;
using Orleans.Concurrency;

namespace KgOrleans.Grains.Recommend;

/// <summary>
/// Lets callers in the cluster reach the funnel: a stateless worker on every silo. Its turns are short, since the funnel runs outside of them.
/// </summary>
[StatelessWorker]
[Reentrant]
public sealed class CoordinatorGrain(
    Funnel funnel, FunnelInstruments instruments, SceneHost scenes, ModelHost models, IShardClient shards, RequestLookup requests, ILocalSiloDetails silo)
    : Grain, ICoordinatorGrain
{
    /// <inheritdoc />
    public Task<RecommendReply> Recommend(RecommendCommand command, CancellationToken cancellationToken) =>
        Task.Run(() => funnel.RunAsync(command, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<RequestRecord?> FindRequest(string requestId, CancellationToken cancellationToken) =>
        requests.FindAsync(requestId).WaitAsync(cancellationToken);

    /// <inheritdoc />
    public Task<CoordinatorView> GetState() => Task.FromResult(new CoordinatorView
    {
        Requests = instruments.Requests,
        Degraded = instruments.Degraded,
        DegradedBy = instruments.DegradedBy,
        ModelVersion = models.Bundle?.Version ?? "none",
        SpaceId = models.SpaceId ?? "none",
        Shards = shards.ShardCount,
        MeanStageMs = instruments.MeanStageMs,
        Silo = silo.SiloAddress.ToString(),
        SceneRevision = scenes.Revision,
    });
}
