namespace KgOrleans.Inference.Features;

/// <summary>Names of the inputs of each graph.</summary>
public sealed record GraphInputs
{
    /// <summary>Inputs of <c>user_tower.onnx</c>.</summary>
    public IReadOnlyList<string> UserTower { get; init; } = [];

    /// <summary>Inputs of <c>item_tower.onnx</c>.</summary>
    public IReadOnlyList<string> ItemTower { get; init; } = [];

    /// <summary>Inputs of <c>ranker.onnx</c>; empty when the bundle has no fine ranker.</summary>
    public IReadOnlyList<string> Ranker { get; init; } = [];

    /// <summary>Inputs of <c>reranker.onnx</c>, beside the fine scores; empty when the bundle has no list-wise re-ranker.</summary>
    public IReadOnlyList<string> ReRanker { get; init; } = [];

    /// <summary>Inputs of <c>recall_user.onnx</c>; empty when the bundle has no recall head.</summary>
    public IReadOnlyList<string> RecallUser { get; init; } = [];

    /// <summary>Inputs of <c>recall_item.onnx</c>; empty when the bundle has no recall head.</summary>
    public IReadOnlyList<string> RecallItem { get; init; } = [];
}
