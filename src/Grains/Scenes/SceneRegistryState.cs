using System.Text.Json;

namespace KgOrleans.Grains.Scenes;

/// <summary>All scenes that were written. Never changed in place: a write makes another state.</summary>
public sealed record SceneRegistryState
{
    /// <summary>Format that this code writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format of the state.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Counts writes.</summary>
    public long Revision { get; init; }

    /// <summary>Scenes that were written, by name. A deleted scene stays with its version number.</summary>
    public IReadOnlyDictionary<string, SceneRecord> Scenes { get; init; } = new Dictionary<string, SceneRecord>();
}

/// <summary>One scene.</summary>
/// <param name="Newest">Largest version number ever given.</param>
/// <param name="Versions">What is kept, oldest first; empty for a deleted scene.</param>
public sealed record SceneRecord(int Newest, IReadOnlyList<SceneRecordVersion> Versions);

/// <summary>One version.</summary>
/// <param name="Version">Number.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="RestoredFrom">Version whose content it has, when it was restored.</param>
/// <param name="Document">The document as it was written. Kept as JSON, so that the state can be read when the rules for scenes have changed since.</param>
public sealed record SceneRecordVersion(int Version, DateTimeOffset WrittenAt, int? RestoredFrom, JsonElement Document);
