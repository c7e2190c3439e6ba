using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Api.Cluster;

/// <summary>Asks shards and coordinator for their state, at most once a second for all callers together: probes need no key.</summary>
internal sealed class ClusterStates
{
    /// <summary>How long a grain that is asked for its state may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly SharedAnswer<ItemShardView?[]> _shards;
    private readonly SharedAnswer<CoordinatorView?> _coordinator;

    public ClusterStates(IGrainFactory grains, CatalogueShape shape, TimeProvider time)
    {
        (_grains, _time) = (grains, time);
        _shards = new(() => Task.WhenAll(Enumerable.Range(0, shape.Shards).Select(shard => AskAsync(() => _grains.GetGrain<IItemShardGrain>(shard).GetState()))), time);
        _coordinator = new(() => AskAsync(() => _grains.GetGrain<ICoordinatorGrain>(0).GetState()), time);
    }

    /// <summary>State of each shard; null where none came in time.</summary>
    public Task<ItemShardView?[]> ShardsAsync() => _shards.GetAsync();

    /// <summary>Revision of the scenes that are served; negative when none are, or none was told in time.</summary>
    public async Task<long> SceneRevisionAsync() => await _coordinator.GetAsync() is { } coordinator ? coordinator.SceneRevision : -1;

    private async Task<T?> AskAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask().WaitAsync(Patience, _time);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, CancellationToken.None))
        {
            return null;
        }
    }
}
