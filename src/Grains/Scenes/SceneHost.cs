using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Scenes;

/// <summary>
/// The scenes that this silo serves by: an immutable snapshot of the registry, compiled. Serves nothing until the registry was read once, since a scene of another version would be a wrong one; after that the newest
/// snapshot that was read serves on, whatever happens to the registry.
/// </summary>
public sealed partial class SceneHost(ILogger<SceneHost> logger)
{
    private readonly Lock _lock = new();
    private volatile Snapshot? _snapshot;
    private long _unusable = -1;

    /// <summary>Revision of the registry that is served by; -1 before the first was read.</summary>
    public long Revision => _snapshot?.Revision ?? -1;

    /// <summary>Whether scenes can be served at all.</summary>
    public bool IsLoaded => _snapshot is not null;

    /// <summary>A scene by name; null when there is none, or none yet.</summary>
    public EffectiveScene? Find(string scene) => _snapshot?.Scenes.GetValueOrDefault(scene);

    /// <summary>Serves by a set from now on, unless a newer one is served by already. A set with a scene that this software cannot serve is left alone as a whole, and said.</summary>
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
                // It is offered again every second.
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
        // What did not change stays the same object.
        if (Find(stored.Scene) is { } before && before.Version == stored.Version.Version)
            return before;
        if (stored.Version.BuiltIn && EffectiveScene.BuiltIn.TryGetValue(stored.Scene, out var builtIn))
            return builtIn;
        var document = JsonSerializer.Deserialize<SceneDocument>(stored.Json, KgJson.Options)!;
        if (EffectiveScene.Check(document, stored.Scene) is { Count: > 0 } errors)
            throw new FormatException($"scene {stored.Scene}, version {stored.Version.Version}: {string.Join("; ", errors)}");
        return new EffectiveScene(document, stored.Version.Version);
    }

    [LoggerMessage(1, LogLevel.Information, "Serving by revision {Revision} of the scenes, {Count} of them")]
    private partial void LogPublished(long revision, int count);

    [LoggerMessage(2, LogLevel.Error, "Revision {Revision} of the scenes holds one that this software cannot serve; it goes on with revision {Served} (-1: none, nothing is served). Write or restore another version of that scene.")]
    private partial void LogUnusable(Exception e, long revision, long served);

    private sealed record Snapshot(long Revision, Dictionary<string, EffectiveScene> Scenes);
}
