using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Scenes;

/// <summary>Stores the scenes and their versions, by the rules of <see cref="SceneRegistry"/>.</summary>
public sealed partial class SceneRegistryGrain(
    [PersistentState("scenes")] IPersistentState<SceneRegistryState> storage,
    SceneHost host,
    ShardFacts facts,
    TimeProvider time,
    IOptions<SceneOptions> options,
    ILogger<SceneRegistryGrain> logger) : Grain, ISceneRegistryGrain
{
    // What is durable. While a write is under way the storage's own state is ahead of it, and readers must not see that.
    private SceneRegistryState _state = new();

    /// <inheritdoc />
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (storage.State.Format is < 1 or > SceneRegistryState.CurrentFormat)
            throw new StorageException(
                $"The stored scenes have format {storage.State.Format}, this software knows 1..{SceneRegistryState.CurrentFormat}.", isTransient: false);
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
    public Task<SceneRegistryView> GetState() => Task.FromResult(new SceneRegistryView
    {
        Revision = _state.Revision,
        Scenes = [.. SceneRegistry.Current(_state).Scenes.Select(s => $"{s.Scene} version {s.Version.Version}{(s.Version.BuiltIn ? ", built in" : "")}")],
        Deleted = [.. _state.Scenes.Keys.Where(name => SceneRegistry.Find(_state, name) is null).Order(StringComparer.Ordinal)],
    });

    /// <inheritdoc />
    public async Task<WriteResult> Write(SceneCommand command, CancellationToken cancellationToken)
    {
        var (next, result) = await SceneRegistry.ApplyAsync(_state, command, time.GetUtcNow(), ids => facts.FindAsync(ids, cancellationToken));
        if (ReferenceEquals(next, _state))
            return result;
        storage.State = next;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.Value.WriteTimeoutMs), time);
            await storage.WriteStateAsync(limit.Token);
        }
        catch (Exception e)
        {
            // Another activation wrote, the store is away, or the write may have happened: the next activation reads what is there.
            LogNotWritten(e, command.Operation, command.Scene);
            DeactivateOnIdle();
            return WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "the scenes cannot be written now; it is not known whether this scene was");
        }
        _state = next;
        LogWritten(command.Operation, command.Scene, result.Version, next.Revision);
        host.Publish(SceneRegistry.Current(next));
        return result;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Operation} of scene {Scene}: stored as version {Version}, revision {Revision} of the scenes")]
    private partial void LogWritten(SceneOperation operation, string scene, long version, long revision);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Operation} of scene {Scene} could not be stored")]
    private partial void LogNotWritten(Exception e, SceneOperation operation, string scene);
}
