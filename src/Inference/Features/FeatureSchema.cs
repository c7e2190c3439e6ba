using KgOrleans.Ranking.ReRanking;

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

/// <summary>One ONNX input.</summary>
public sealed record InputSpec
{
    /// <summary>Name in the graphs.</summary>
    public string Name { get; init; } = "";

    /// <summary>Element type.</summary>
    public TensorType Type { get; init; }

    /// <summary>Rows and columns: 1 row for features of user and request, <see cref="FeatureSchema.BatchSize"/> rows for features of items.</summary>
    public IReadOnlyList<int> Shape { get; init; } = [];

    /// <summary>Features that fill a row, in order.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];
}

/// <summary>Names of the inputs of each graph.</summary>
public sealed record GraphInputs
{
    /// <summary>Inputs of <c>user_tower.onnx</c>.</summary>
    public IReadOnlyList<string> UserTower { get; init; } = [];

    /// <summary>Inputs of <c>item_tower.onnx</c>.</summary>
    public IReadOnlyList<string> ItemTower { get; init; } = [];

    /// <summary>Inputs of <c>ranker.onnx</c>.</summary>
    public IReadOnlyList<string> Ranker { get; init; } = [];

    /// <summary>Inputs of <c>reranker.onnx</c>, beside the fine scores; empty when the bundle has no list-wise re-ranker.</summary>
    public IReadOnlyList<string> ReRanker { get; init; } = [];

    /// <summary>Inputs of <c>recall_user.onnx</c>; empty when the bundle has no recall head.</summary>
    public IReadOnlyList<string> RecallUser { get; init; } = [];

    /// <summary>Inputs of <c>recall_item.onnx</c>; empty when the bundle has no recall head.</summary>
    public IReadOnlyList<string> RecallItem { get; init; } = [];
}
