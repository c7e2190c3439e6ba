using System.Collections.Frozen;

namespace KgOrleans.Inference.Features;

/// <summary>Every feature that a schema can name. Serving, replay and the rank log fill tensors only through these definitions.</summary>
public static class FeatureRegistry
{
    private static readonly FrozenDictionary<string, FeatureDefinition> ByName =
        new[] { UserFeatures.All, ContextFeatures.All, ItemFeatures.All, DynamicFeatures.All, CrossFeatures.All }
            .SelectMany(features => features).ToFrozenDictionary(f => f.Name);

    /// <summary>All definitions.</summary>
    public static IReadOnlyCollection<FeatureDefinition> All => ByName.Values;

    /// <summary>The feature of a name; null when there is none.</summary>
    public static FeatureDefinition? Find(string name) => ByName.GetValueOrDefault(name);
}
