using KgOrleans.Ranking.Events;

namespace KgOrleans.Inference.Features;

/// <summary>One feature: its name in schemas and how it is filled. Exactly one of <see cref="Dense"/> and <see cref="Keys"/> is set.</summary>
public sealed class FeatureDefinition
{
    private FeatureDefinition(string name, FeatureScope scope, FeatureWidth width) => (Name, Scope, Width) = (name, scope, width);

    /// <summary>Name, as in <c>item.creator</c>.</summary>
    public string Name { get; }

    /// <summary>What the feature is made from.</summary>
    public FeatureScope Scope { get; }

    /// <summary>Number of elements.</summary>
    public FeatureWidth Width { get; }

    /// <summary>Vocabulary of an id feature; null for a dense one.</summary>
    public string? Vocabulary { get; private init; }

    /// <summary>Fills a dense feature.</summary>
    public DenseFill? Dense { get; private init; }

    /// <summary>Fills an id feature.</summary>
    public KeyFill? Keys { get; private init; }

    /// <summary>Whether it is made from fitted factors, which only a bundle of kind factors has.</summary>
    public bool NeedsFactors { get; private init; }

    /// <summary>Element type of an input that holds it.</summary>
    public TensorType Type => Dense is null ? TensorType.Int64 : TensorType.Float;

    internal static FeatureDefinition OfDense(string name, FeatureScope scope, DenseFill fill, FeatureWidth width = FeatureWidth.One) =>
        new(name, scope, width) { Dense = fill };

    internal static FeatureDefinition OfFactors(string name, FeatureScope scope, DenseFill fill) =>
        new(name, scope, FeatureWidth.One) { Dense = fill, NeedsFactors = true };

    internal static FeatureDefinition OfKeys(string name, FeatureScope scope, string vocabulary, KeyFill fill, FeatureWidth width = FeatureWidth.One) =>
        new(name, scope, width) { Keys = fill, Vocabulary = vocabulary };

    /// <summary>Elements of the feature, given the sizes that it may depend on.</summary>
    public int WidthFor(int contentDimension, int inputWidth) => Width switch
    {
        FeatureWidth.Content => contentDimension,
        FeatureWidth.EventTypes => EventTypes.OfModels,
        FeatureWidth.List => inputWidth,
        _ => 1,
    };
}
