using KgOrleans.Inference.Features;

namespace KgOrleans.Inference.Bundles;

/// <summary>What the manifest of a bundle says about one of its graphs.</summary>
/// <param name="File">Its file.</param>
/// <param name="Inputs">Inputs of the schema that the graph has.</param>
/// <param name="Own">An input that no feature fills; null for none.</param>
/// <param name="Output">Its output.</param>
internal sealed record GraphSpec(string File, IReadOnlyList<string> Inputs, InputSpec? Own, OutputSpec Output)
{
    /// <summary>
    /// The graphs of a bundle: user tower, item tower, ranker, list-wise re-ranker, user and item side of the recall head. Null for a graph that the schema
    /// does not name.
    /// </summary>
    public static GraphSpec?[] Of(BundleManifest manifest)
    {
        var graphs = manifest.Schema.Graphs;
        var (batch, objectives) = (manifest.Schema.BatchSize, manifest.Objectives.Count);
        var (dimension, recall) = (manifest.EmbeddingDimension, manifest.RecallDimension);
        var fine = new InputSpec { Name = ListRanker.FineScores, Type = TensorType.Float, Shape = [batch, 1 + objectives] };
        return
        [
            new(BundleFiles.UserTower, graphs.UserTower, null, new OutputSpec("heads", [1, objectives, dimension])),
            new(BundleFiles.ItemTower, graphs.ItemTower, null, new OutputSpec("embeddings", [batch, dimension])),
            RankerOf(manifest),
            graphs.ReRanker.Count == 0 ? null : new(BundleFiles.ReRanker, graphs.ReRanker, fine, new OutputSpec("scores", [batch, 1])),
            graphs.RecallUser.Count == 0 ? null : new(BundleFiles.RecallUser, graphs.RecallUser, null, new OutputSpec("vector", [1, recall])),
            graphs.RecallItem.Count == 0 ? null : new(BundleFiles.RecallItem, graphs.RecallItem, null, new OutputSpec("vectors", [batch, recall])),
        ];
    }

    /// <summary>The fine ranker of a bundle, the only graph that one of factors may have; null for none.</summary>
    public static GraphSpec? RankerOf(BundleManifest manifest) => manifest.Schema.Graphs.Ranker is { Count: > 0 } inputs
        ? new(BundleFiles.Ranker, inputs, null, new OutputSpec("logits", [manifest.Schema.BatchSize, manifest.Objectives.Count]))
        : null;
}
