namespace KgOrleans.Inference.Features;

/// <summary>The feature schema: the only description of what fills a model's inputs. Part of every bundle's manifest and of every rank log's header.</summary>
public sealed record FeatureSchema
{
    /// <summary>Rows of the graphs' item inputs. Shorter lists are padded, longer ones cut, so that a row's result does not depend on its neighbours.</summary>
    public int BatchSize { get; init; }

    /// <summary>Components of an item's content vector.</summary>
    public int ContentDimension { get; init; }

    /// <summary>Every input of every graph, once.</summary>
    public IReadOnlyList<InputSpec> Inputs { get; init; } = [];

    /// <summary>Which graph has which inputs.</summary>
    public GraphInputs Graphs { get; init; } = new();
}
