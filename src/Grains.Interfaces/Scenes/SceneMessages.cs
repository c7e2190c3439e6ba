namespace KgOrleans.Grains.Interfaces;

/// <summary>What to do with a scene.</summary>
public enum SceneOperation : byte
{
    /// <summary>Make a document the newest version.</summary>
    Put = 0,

    /// <summary>Make the content of an older version the newest one.</summary>
    Restore = 1,

    /// <summary>Delete the scene with all its versions.</summary>
    Delete = 2,
}

/// <summary>A write of a scene.</summary>
[GenerateSerializer, Immutable, Alias("kg.SceneCommand")]
public sealed record SceneCommand
{
    /// <summary>What to do.</summary>
    [Id(0)] public SceneOperation Operation { get; init; }

    /// <summary>Name of the scene.</summary>
    [Id(1)] public string Scene { get; init; } = "";

    /// <summary>The document as UTF-8 JSON; of a put only.</summary>
    [Id(2)] public byte[] Json { get; init; } = [];

    /// <summary>Version whose content is restored; of a restore only.</summary>
    [Id(3)] public int Version { get; init; }

    /// <summary>Version that must be the newest; null for any.</summary>
    [Id(4)] public long? IfMatch { get; init; }

    /// <summary>Whether to find every problem and write nothing.</summary>
    [Id(5)] public bool ValidateOnly { get; init; }
}

/// <summary>A version of a scene.</summary>
/// <param name="Version">Number, from 1; a name never has two documents under one number.</param>
/// <param name="WrittenAt">When it was written, unix milliseconds; 0 for a built-in one.</param>
/// <param name="RestoredFrom">Version whose content it has, when it was restored.</param>
/// <param name="BuiltIn">Whether it is the software's own.</param>
[GenerateSerializer, Immutable, Alias("kg.SceneVersion")]
public sealed record SceneVersion(
    [property: Id(0)] int Version, [property: Id(1)] long WrittenAt, [property: Id(2)] int? RestoredFrom, [property: Id(3)] bool BuiltIn);

/// <summary>A scene in one of its versions.</summary>
/// <param name="Scene">Name.</param>
/// <param name="Version">The version.</param>
/// <param name="Json">The whole document, defaults written out, as UTF-8 JSON.</param>
[GenerateSerializer, Immutable, Alias("kg.StoredScene")]
public sealed record StoredScene([property: Id(0)] string Scene, [property: Id(1)] SceneVersion Version, [property: Id(2)] byte[] Json);

/// <summary>All scenes at one revision of the registry.</summary>
/// <param name="Revision">Counts writes, from 0.</param>
/// <param name="Scenes">Newest versions, ordered by name.</param>
[GenerateSerializer, Immutable, Alias("kg.SceneSet")]
public sealed record SceneSet([property: Id(0)] long Revision, [property: Id(1)] StoredScene[] Scenes);
