using System.Collections.Frozen;

namespace KgOrleans.Inference.Features;

/// <summary>Every feature that a schema can name. Serving, replay and the rank log fill tensors through these definitions and no other.</summary>
public static class FeatureRegistry
{
    private static readonly FrozenDictionary<string, FeatureDefinition> ByName =
        UserFeatures.All.Concat(ContextFeatures.All).Concat(ItemFeatures.All).Concat(DynamicFeatures.All).Concat(CrossFeatures.All).ToFrozenDictionary(f => f.Name);

    /// <summary>All definitions.</summary>
    public static IReadOnlyCollection<FeatureDefinition> All => ByName.Values;

    /// <summary>The feature of a name; null when there is none.</summary>
    public static FeatureDefinition? Find(string name) => ByName.GetValueOrDefault(name);
}
