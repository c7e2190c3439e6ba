using System.Text.Json;

namespace KgOrleans.Client;

/// <summary>All scenes.</summary>
public sealed record ScenesReply(IReadOnlyList<SceneReply> Scenes);

/// <summary>A scene in one of its versions.</summary>
public sealed record SceneReply(string Scene, int Version, bool BuiltIn, DateTimeOffset? WrittenAt, int? RestoredFrom, JsonElement Document);

/// <summary>Versions of a scene, newest first.</summary>
public sealed record SceneVersionsReply(string Scene, IReadOnlyList<SceneVersionReply> Versions);

/// <summary>A version of a scene.</summary>
public sealed record SceneVersionReply(int Version, bool BuiltIn, DateTimeOffset? WrittenAt, int? RestoredFrom);

/// <summary>A write that is durable.</summary>
public sealed record WrittenReply(string Id, long Version);

/// <summary>A document that could be written.</summary>
public sealed record ValidSceneReply(string Scene, bool Valid, long CurrentVersion);
