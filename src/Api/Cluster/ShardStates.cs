using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Api.Cluster;

/// <summary>Asks every shard for its state, at most once a second for all callers together.</summary>
internal sealed class ShardStates(IGrainFactory grains, CatalogueShape shape, TimeProvider time)
{
    /// <summary>How long a shard, or another grain that is asked for its state, may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<ItemShardView?[]>? _newest;
    private long _askedAt;

    /// <summary>State of each shard; null where none came in time.</summary>
    public Task<ItemShardView?[]> GetAsync()
    {
        lock (_lock)
        {
            if (_newest is null || (_newest.IsCompleted && time.GetElapsedTime(_askedAt) >= Fresh))
            {
                _askedAt = time.GetTimestamp();
                _newest = Task.WhenAll(Enumerable.Range(0, shape.Shards).Select(AskAsync));
            }
            return _newest;
        }
    }

    private async Task<ItemShardView?> AskAsync(int shard)
    {
        try
        {
            return await grains.GetGrain<IItemShardGrain>(shard).GetState().WaitAsync(Patience, time);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, CancellationToken.None))
        {
            return null;
        }
    }
}
