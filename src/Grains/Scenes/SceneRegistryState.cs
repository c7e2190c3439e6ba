using System.Text.Json;

namespace KgOrleans.Grains.Scenes;

/// <summary>Everything that was written of scenes. Never changed in place: a write makes another state.</summary>
public sealed record SceneRegistryState
{
    /// <summary>Format that this code writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format of the state.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Counts writes.</summary>
    public long Revision { get; init; }

    /// <summary>Scenes that were written, by name; those that were deleted keep their numbers.</summary>
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
/// <param name="Document">The document as it was written: kept as JSON, so that a state can be read whatever the rules of its time were.</param>
public sealed record SceneRecordVersion(int Version, DateTimeOffset WrittenAt, int? RestoredFrom, JsonElement Document);
