using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Scenes;

/// <summary>
/// The scenes that this silo serves: an immutable snapshot of the registry, compiled. Nothing is served before the registry was read for the first time.
/// After that the newest snapshot that was read stays in service, whatever happens to the registry.
/// </summary>
public sealed partial class SceneHost(ILogger<SceneHost> logger)
{
    private readonly Lock _lock = new();
    private volatile Snapshot? _snapshot;
    private long _unusable = -1;

    /// <summary>Revision of the registry that is served; -1 before the first one was read.</summary>
    public long Revision => _snapshot?.Revision ?? -1;

    /// <summary>Whether any revision is served.</summary>
    public bool IsLoaded => _snapshot is not null;

    /// <summary>A scene by name; null when there is no such scene, or no revision is served yet.</summary>
    public EffectiveScene? Find(string scene) => _snapshot?.Scenes.GetValueOrDefault(scene);

    /// <summary>
    /// Serves a set from now on, unless a newer one is served already. A set with a scene that cannot be served is refused as a whole and logged.
    /// </summary>
    internal void Publish(SceneSet set)
    {
        lock (_lock)
        {
            if (set.Revision <= Revision)
                return;
            try
            {
                _snapshot = new Snapshot(set.Revision, set.Scenes.ToDictionary(s => s.Scene, Compile));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                // The same set is offered again every second: one log line is enough.
                if (_unusable != set.Revision)
                    LogUnusable(e, set.Revision, Revision);
                _unusable = set.Revision;
                return;
            }
        }
        LogPublished(set.Revision, set.Scenes.Length);
    }

    private EffectiveScene Compile(StoredScene stored)
    {
        // A scene that did not change stays the same object.
        if (Find(stored.Scene) is { } before && before.Version == stored.Version.Version)
            return before;
        if (stored.Version.BuiltIn && EffectiveScene.BuiltIn.TryGetValue(stored.Scene, out var builtIn))
            return builtIn;
        var document = JsonSerializer.Deserialize<SceneDocument>(stored.Json, KgJson.Options)!;
        if (EffectiveScene.Check(document, stored.Scene) is { Count: > 0 } errors)
            throw new FormatException($"scene {stored.Scene}, version {stored.Version.Version}: {string.Join("; ", errors)}");
        return new EffectiveScene(document, stored.Version.Version);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving revision {Revision} of the scenes: {Count} scenes")]
    private partial void LogPublished(long revision, int count);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Revision {Revision} of the scenes has a scene that this software cannot serve. "
            + "Still serving revision {Served} (-1: nothing is served). Write or restore another version of that scene.")]
    private partial void LogUnusable(Exception e, long revision, long served);

    private sealed record Snapshot(long Revision, Dictionary<string, EffectiveScene> Scenes);
}
