using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Scenes;

/// <summary>The rules of the registry: reads of its state, and the state that a write leads to. Built-in scenes have a version 1 that is not stored.</summary>
public static class SceneRegistry
{
    // Deleted names keep their version numbers, so that an ETag never names two documents: they count as well.
    private const int MaxNames = 1_000;

    /// <summary>Newest version of every scene.</summary>
    public static SceneSet Current(SceneRegistryState state) => new(
        state.Revision,
        [.. BuiltInScenes.All.Keys.Union(state.Scenes.Keys).Order(StringComparer.Ordinal).Select(name => Find(state, name)).OfType<StoredScene>()]);

    /// <summary>A version of a scene, the newest when none is named; null when there is no such version.</summary>
    public static StoredScene? Find(SceneRegistryState state, string scene, int? version = null)
    {
        var kept = VersionsOf(state, scene);
        if ((version is null ? kept.LastOrDefault() : kept.FirstOrDefault(v => v.Version == version)) is { } stored)
            return new StoredScene(scene, Describe(stored), JsonSerializer.SerializeToUtf8Bytes(stored.Document, KgJson.Options));
        return version is null or 1 && BuiltInScenes.All.TryGetValue(scene, out var builtIn)
            ? new StoredScene(scene, new SceneVersion(1, 0, null, BuiltIn: true), JsonSerializer.SerializeToUtf8Bytes(builtIn, KgJson.Options))
            : null;
    }

    /// <summary>Versions of a scene, newest first; null when there is no such scene.</summary>
    public static SceneVersion[]? Versions(SceneRegistryState state, string scene)
    {
        var versions = VersionsOf(state, scene).Reverse().Select(Describe).ToList();
        if (BuiltInScenes.All.ContainsKey(scene) && versions.TrueForAll(v => v.Version != 1))
            versions.Add(new SceneVersion(1, 0, null, BuiltIn: true));
        return versions.Count == 0 ? null : [.. versions];
    }

    /// <summary>The state after a write, and how the write ended. The state is the same object when nothing is to be stored.</summary>
    /// <param name="state">State before.</param>
    /// <param name="command">The write.</param>
    /// <param name="now">Its time.</param>
    /// <param name="find">Finds the facts of some items by id: null for an item that does not exist, no entry when nobody can say now.</param>
    public static async Task<(SceneRegistryState State, WriteResult Result)> ApplyAsync(
        SceneRegistryState state, SceneCommand command, DateTimeOffset now, Func<string[], Task<Dictionary<string, ItemFacts?>>> find)
    {
        var current = Find(state, command.Scene);
        if (Refuse(state, command, current) is { } refusal)
            return (state, refusal);
        if (command.Operation == SceneOperation.Delete)
            return (command.ValidateOnly ? state : Without(state, command.Scene), new WriteResult(WriteStatus.Updated, current!.Version.Version, []));
        var json = command.Operation == SceneOperation.Put ? command.Json : Find(state, command.Scene, command.Version)!.Json;
        var (document, unreadable) = WrittenDocument.Put<SceneDocument>(json);
        if (document is null)
            return (state, unreadable!);
        if (string.IsNullOrEmpty(document.Scene))
            document = document with { Scene = command.Scene };
        var errors = new List<FieldError>(EffectiveScene.Check(document, command.Scene));
        // An invalid document may hold numbers that can be read and not written.
        var canonical = errors.Count == 0 ? JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options) : [];
        if (canonical.Length > SceneLimits.DocumentBytes)
            errors.Add(new FieldError("$", "tooLarge", $"has {canonical.Length} bytes with its defaults, at most {SceneLimits.DocumentBytes} are allowed"));
        if (!await CheckPins(document, errors, find))
        {
            const string silent = "the shards of the pinned items do not answer, so it is not known whether the items exist";
            return (state, WriteResult.Refused(WriteStatus.Unavailable, "reRank.pins", "unavailable", silent));
        }
        if (errors.Count > 0)
            return (state, WriteResult.Invalid(errors));
        // Writing what is there already changes nothing, so a write may be repeated.
        if (command.ValidateOnly || (current is not null && canonical.AsSpan().SequenceEqual(current.Json)))
            return (state, new WriteResult(WriteStatus.Updated, current?.Version.Version ?? 0, []));
        return With(state, command, current, JsonElement.Parse(canonical), now);
    }

    private static IEnumerable<SceneRecordVersion> VersionsOf(SceneRegistryState state, string scene) =>
        state.Scenes.TryGetValue(scene, out var record) ? record.Versions : [];

    private static SceneVersion Describe(SceneRecordVersion version) =>
        new(version.Version, version.WrittenAt.ToUnixTimeMilliseconds(), version.RestoredFrom, BuiltIn: false);

    private static WriteResult? Refuse(SceneRegistryState state, SceneCommand command, StoredScene? current)
    {
        if (!WriteCondition.Holds(command.IfMatch, current?.Version.Version))
            return WriteResult.Refused(WriteStatus.VersionMismatch, "If-Match", "versionMismatch", "the scene has another version");
        if (current is null && command.Operation != SceneOperation.Put)
            return WriteResult.Refused(WriteStatus.NotFound, "scene", "unknownScene", "there is no such scene");
        if (command.Operation == SceneOperation.Delete && BuiltInScenes.All.ContainsKey(command.Scene))
            return WriteResult.Refused(WriteStatus.Conflict, "scene", "builtIn", "a built-in scene cannot be deleted; restore its version 1 instead");
        if (command.Operation == SceneOperation.Restore && Find(state, command.Scene, command.Version) is null)
            return WriteResult.Refused(WriteStatus.NotFound, "version", "unknownVersion", $"version {command.Version} does not exist or is no longer kept");
        if (command.Operation == SceneOperation.Put && !state.Scenes.ContainsKey(command.Scene) && state.Scenes.Count >= MaxNames)
            return WriteResult.Refused(WriteStatus.Conflict, "scene", "tooMany", $"{MaxNames} names have been used, deleted scenes included");
        return current is null && state.Scenes.Values.Count(r => r.Versions.Count > 0) >= SceneLimits.Scenes
            ? WriteResult.Refused(WriteStatus.Conflict, "scene", "tooMany", $"there are {SceneLimits.Scenes} scenes already")
            : null;
    }

    /// <summary>Adds an error for each pinned item that does not exist; false when that is not known of every one.</summary>
    private static async Task<bool> CheckPins(
        SceneDocument document, List<FieldError> errors, Func<string[], Task<Dictionary<string, ItemFacts?>>> find)
    {
        // Pins that are no ids have their errors already.
        var pins = (document.ReRank?.Pins ?? []).Select((pin, index) => (ItemId: pin?.ItemId!, Index: index))
            .Where(p => Limits.IsId(p.ItemId)).Take(Limits.PageSize).ToArray();
        if (pins.Length == 0)
            return true;
        var facts = await find([.. pins.Select(p => p.ItemId)]);
        if (!Array.TrueForAll(pins, p => facts.ContainsKey(p.ItemId)))
            return false;
        foreach (var (itemId, index) in pins)
        {
            if (facts[itemId] is null)
                errors.Add(new FieldError($"reRank.pins[{index}].itemId", "unknownItem", $"there is no item {itemId}"));
        }
        return true;
    }

    private static (SceneRegistryState State, WriteResult Result) With(
        SceneRegistryState state, SceneCommand command, StoredScene? current, JsonElement document, DateTimeOffset now)
    {
        var record = state.Scenes.GetValueOrDefault(command.Scene);
        var number = Math.Max(record?.Newest ?? 0, current?.Version.Version ?? 0) + 1;
        var version = new SceneRecordVersion(number, now, command.Operation == SceneOperation.Restore ? command.Version : null, document);
        var kept = new SceneRecord(number, [.. record?.Versions ?? [], version]);
        return (Replace(state, command.Scene, kept), new WriteResult(current is null ? WriteStatus.Created : WriteStatus.Updated, number, []));
    }

    private static SceneRegistryState Without(SceneRegistryState state, string scene) => Replace(state, scene, new SceneRecord(state.Scenes[scene].Newest, []));

    // All scenes are cut, not only the one that is written: an older release kept more of large documents than the state has room for.
    private static SceneRegistryState Replace(SceneRegistryState state, string scene, SceneRecord record) => state with
    {
        Revision = state.Revision + 1,
        Scenes = new Dictionary<string, SceneRecord>(state.Scenes) { [scene] = record }.ToDictionary(s => s.Key, s => Cut(s.Value)),
    };

    // The newest version stays, and those before it as long as there is room.
    private static SceneRecord Cut(SceneRecord record)
    {
        var (kept, bytes) = (0, 0);
        foreach (var version in record.Versions.Reverse())
        {
            bytes += JsonMarshal.GetRawUtf8Value(version.Document).Length;
            if (kept == SceneLimits.Versions || (kept > 0 && bytes > SceneLimits.VersionBytes))
                break;
            kept++;
        }
        return kept == record.Versions.Count ? record : record with { Versions = [.. record.Versions.TakeLast(kept)] };
    }
}
