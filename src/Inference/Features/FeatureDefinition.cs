using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Features;

/// <summary>Writes a dense feature. The destination has the feature's width and holds zeros.</summary>
public delegate void DenseFill(in FeatureSource source, Span<float> destination);

/// <summary>Writes an id feature as keys (<see cref="Key64"/>). The destination has the feature's width and holds zeros, which mean "none".</summary>
public delegate void KeyFill(in FeatureSource source, Span<ulong> destination);

/// <summary>How many elements a feature has.</summary>
public enum FeatureWidth
{
    /// <summary>One.</summary>
    One,

    /// <summary>As many as a content vector has components.</summary>
    Content,

    /// <summary>As many as there are event types.</summary>
    EventTypes,

    /// <summary>As many as its input has: lists are cut or padded with zeros, and have an input of their own.</summary>
    List,
}

/// <summary>One feature: its name in schemas and how it is filled. Exactly one of <see cref="Dense"/> and <see cref="Keys"/> is set.</summary>
public sealed class FeatureDefinition
{
    private FeatureDefinition(string name, FeatureScope scope, FeatureWidth width) => (Name, Scope, Width) = (name, scope, width);

    /// <summary>Name, as in <c>item.creator</c>.</summary>
    public string Name { get; }

    /// <summary>What it is made from.</summary>
    public FeatureScope Scope { get; }

    /// <summary>Number of elements.</summary>
    public FeatureWidth Width { get; }

    /// <summary>Vocabulary of an id feature; null for a dense one.</summary>
    public string? Vocabulary { get; private init; }

    /// <summary>Fills a dense feature.</summary>
    public DenseFill? Dense { get; private init; }

    /// <summary>Fills an id feature.</summary>
    public KeyFill? Keys { get; private init; }

    /// <summary>Element type of an input that holds it.</summary>
    public TensorType Type => Dense is null ? TensorType.Int64 : TensorType.Float;

    internal static FeatureDefinition OfDense(string name, FeatureScope scope, DenseFill fill, FeatureWidth width = FeatureWidth.One) =>
        new(name, scope, width) { Dense = fill };

    internal static FeatureDefinition OfKeys(string name, FeatureScope scope, string vocabulary, KeyFill fill, FeatureWidth width = FeatureWidth.One) =>
        new(name, scope, width) { Keys = fill, Vocabulary = vocabulary };

    /// <summary>Elements of the feature, given the sizes that it may depend on.</summary>
    public int WidthFor(int contentDimension, int inputWidth) => Width switch
    {
        FeatureWidth.Content => contentDimension,
        FeatureWidth.EventTypes => EventTypes.All.Count,
        FeatureWidth.List => inputWidth,
        _ => 1,
    };
}
