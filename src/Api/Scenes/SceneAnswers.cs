using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Api.Scenes;

/// <summary>A scene's pipeline and its version.</summary>
/// <param name="Scene">Name.</param>
/// <param name="Version">Version, from 1: the ETag without quotes.</param>
/// <param name="BuiltIn">Whether this version is the software's own.</param>
/// <param name="WrittenAt">When it was written; absent for a built-in one.</param>
/// <param name="RestoredFrom">Version whose content it has, when it was restored.</param>
/// <param name="Document">The pipeline, with all defaults.</param>
public sealed record SceneAnswer(string Scene, int Version, bool BuiltIn, DateTimeOffset? WrittenAt, int? RestoredFrom, SceneDocument Document);

/// <summary>All scenes in their newest versions.</summary>
/// <param name="Scenes">Ordered by name.</param>
public sealed record ScenesAnswer(IReadOnlyList<SceneAnswer> Scenes);

/// <summary>A version of a scene, without its document.</summary>
/// <param name="Version">Number.</param>
/// <param name="BuiltIn">Whether it is the software's own.</param>
/// <param name="WrittenAt">When it was written; absent for a built-in one.</param>
/// <param name="RestoredFrom">Version whose content it has, when it was restored.</param>
public sealed record SceneVersionAnswer(int Version, bool BuiltIn, DateTimeOffset? WrittenAt, int? RestoredFrom);

/// <summary>Versions of a scene that are kept.</summary>
/// <param name="Scene">Name.</param>
/// <param name="Versions">Newest first.</param>
public sealed record SceneVersionsAnswer(string Scene, IReadOnlyList<SceneVersionAnswer> Versions);

/// <summary>A document that could be written.</summary>
/// <param name="Scene">Name.</param>
/// <param name="Valid">Always true: what is not valid is a problem.</param>
/// <param name="CurrentVersion">Version that a write would replace; 0 for a new scene.</param>
public sealed record SceneValidAnswer(string Scene, bool Valid, long CurrentVersion);
