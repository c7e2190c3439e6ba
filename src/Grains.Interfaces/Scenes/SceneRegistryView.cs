namespace KgOrleans.Grains.Interfaces;

/// <summary>The scene registry as the Dashboard shows it.</summary>
[GenerateSerializer, Alias("kg.SceneRegistryView")]
public sealed record SceneRegistryView
{
    /// <summary>Counts writes, from 0.</summary>
    [Id(0)] public long Revision { get; init; }

    /// <summary>Scenes by name, each with its newest version, as in <c>feed version 3</c>.</summary>
    [Id(1)] public List<string> Scenes { get; init; } = [];

    /// <summary>Names of deleted scenes; they keep their version numbers.</summary>
    [Id(2)] public List<string> Deleted { get; init; } = [];
}
