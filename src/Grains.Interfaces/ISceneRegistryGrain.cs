using Orleans.Concurrency;

namespace KgOrleans.Grains.Interfaces;

/// <summary>The scenes of the cluster with their versions: one grain, key <see cref="Key"/>.</summary>
/// <remarks>
/// Reads interleave and see what is durable. Writes come one after the other; a write is answered when it is durable and the silo that the grain lives on
/// serves it.
/// </remarks>
[Alias("kg.ISceneRegistryGrain")]
public interface ISceneRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Key of the one grain.</summary>
    const long Key = 0;

    /// <summary>All scenes in their newest versions; null when nothing was written since the revision that the caller has.</summary>
    /// <param name="knownRevision">Revision that the caller has; -1 for none.</param>
    [AlwaysInterleave]
    [Alias("GetCurrent")]
    Task<SceneSet?> GetCurrent(long knownRevision);

    /// <summary>A version of a scene; null when there is no such version, or it is no longer kept.</summary>
    /// <param name="scene">Name.</param>
    /// <param name="version">Version; null for the newest.</param>
    [AlwaysInterleave]
    [Alias("GetVersion")]
    Task<StoredScene?> GetVersion(string scene, int? version);

    /// <summary>Versions of a scene that are kept, newest first; null when there is no such scene.</summary>
    [AlwaysInterleave]
    [Alias("GetVersions")]
    Task<SceneVersion[]?> GetVersions(string scene);

    /// <summary>Writes, restores, deletes or only checks a scene.</summary>
    [Alias("Write")]
    Task<WriteResult> Write(SceneCommand command, CancellationToken cancellationToken);

    /// <summary>What the Dashboard shows.</summary>
    [AlwaysInterleave]
    [Alias("GetState")]
    Task<SceneRegistryView> GetState();
}
