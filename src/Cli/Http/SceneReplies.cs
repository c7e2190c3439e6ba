using System.Text.Json;

namespace KgOrleans.Cli.Http;

/// <summary>All scenes.</summary>
internal sealed record ScenesReply(IReadOnlyList<SceneReply> Scenes);

/// <summary>A scene in one of its versions.</summary>
internal sealed record SceneReply(string Scene, int Version, bool BuiltIn, DateTimeOffset? WrittenAt, int? RestoredFrom, JsonElement Document);

/// <summary>Versions of a scene, newest first.</summary>
internal sealed record SceneVersionsReply(string Scene, IReadOnlyList<SceneVersionReply> Versions);

/// <summary>A version of a scene.</summary>
internal sealed record SceneVersionReply(int Version, bool BuiltIn, DateTimeOffset? WrittenAt, int? RestoredFrom);

/// <summary>A write that is durable.</summary>
internal sealed record WrittenReply(string Id, long Version);

/// <summary>A document that could be written.</summary>
internal sealed record ValidSceneReply(string Scene, bool Valid, long CurrentVersion);
