namespace KgOrleans.Inference.Features;

/// <summary>The feature schema: what fills the inputs of a model. It is part of the manifest of every bundle and of the header of every rank log.</summary>
public sealed record FeatureSchema
{
    /// <summary>
    /// Rows of the graphs' item inputs. Longer lists are cut into batches and the last one is padded, so that the result of a row does not depend on its
    /// neighbours.
    /// </summary>
    public int BatchSize { get; init; }

    /// <summary>Components of an item's content vector.</summary>
    public int ContentDimension { get; init; }

    /// <summary>Every input of every graph, once.</summary>
    public IReadOnlyList<InputSpec> Inputs { get; init; } = [];

    /// <summary>Which graph has which inputs.</summary>
    public GraphInputs Graphs { get; init; } = new();
}
