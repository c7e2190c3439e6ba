using KgOrleans.Grains.Configuration;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Scenes;

/// <summary>Keeps the scenes and their versions. What they mean is <see cref="SceneRegistry"/>'s to say.</summary>
public sealed partial class SceneRegistryGrain(
    [PersistentState("scenes")] IPersistentState<SceneRegistryState> storage, SceneHost host, IShardClient shards, TimeProvider time, IOptions<KgOptions> options, ILogger<SceneRegistryGrain> logger)
    : Grain, ISceneRegistryGrain
{
    // What is durable. The storage's own state is ahead of it while a write is under way, which readers must not see.
    private SceneRegistryState _state = new();

    /// <inheritdoc />
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (storage.State.Format is < 1 or > SceneRegistryState.CurrentFormat)
            throw new StorageException($"The stored scenes have format {storage.State.Format}, this software knows 1..{SceneRegistryState.CurrentFormat}.", isTransient: false);
        _state = storage.State;
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<SceneSet?> GetCurrent(long knownRevision) => Task.FromResult(knownRevision == _state.Revision ? null : SceneRegistry.Current(_state));

    /// <inheritdoc />
    public Task<StoredScene?> GetVersion(string scene, int? version) => Task.FromResult(SceneRegistry.Find(_state, scene, version));

    /// <inheritdoc />
    public Task<SceneVersion[]?> GetVersions(string scene) => Task.FromResult(SceneRegistry.Versions(_state, scene));

    /// <inheritdoc />
    public async Task<WriteResult> Write(SceneCommand command, CancellationToken cancellationToken)
    {
        var (next, result) = await SceneRegistry.ApplyAsync(_state, command, time.GetUtcNow(), ids => ExistAsync(ids, cancellationToken));
        if (ReferenceEquals(next, _state))
            return result;
        storage.State = next;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.Value.UserState.WriteTimeoutMs), time);
            await storage.WriteStateAsync(limit.Token);
        }
        catch (Exception e)
        {
            // Another activation wrote, the store is away, or nobody knows: the next activation reads what is there.
            LogNotWritten(e, command.Operation, command.Scene);
            DeactivateOnIdle();
            return WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "the scenes cannot be written now; whether this one was is not known");
        }
        _state = next;
        LogWritten(command.Operation, command.Scene, result.Version, next.Revision);
        host.Publish(SceneRegistry.Current(next));
        return result;
    }

    /// <summary>Whether each item exists; null when a shard could not say.</summary>
    private async Task<bool[]?> ExistAsync(string[] itemIds, CancellationToken cancellationToken)
    {
        var found = new bool[itemIds.Length];
        var groups = Enumerable.Range(0, itemIds.Length).GroupBy(i => Key64.Shard(Key64.Of(itemIds[i]), shards.ShardCount)).ToArray();
        try
        {
            var replies = await Task.WhenAll(groups.Select(group => shards.GetFacts(group.Key, [.. group.Select(i => itemIds[i])], cancellationToken)));
            foreach (var (group, reply) in groups.Zip(replies))
            {
                if (reply.Warming)
                    return null;
                foreach (var (index, facts) in group.Zip(reply.Facts))
                    found[index] = facts is not null;
            }
            return found;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            LogFactsFailed(e);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Operation} of scene {Scene}: version {Version}, revision {Revision}")]
    private partial void LogWritten(SceneOperation operation, string scene, long version, long revision);

    [LoggerMessage(2, LogLevel.Error, "{Operation} of scene {Scene} could not be stored")]
    private partial void LogNotWritten(Exception e, SceneOperation operation, string scene);

    [LoggerMessage(3, LogLevel.Warning, "The shards of pinned works did not answer")]
    private partial void LogFactsFailed(Exception e);
}
