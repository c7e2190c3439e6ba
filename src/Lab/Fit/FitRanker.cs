using KgOrleans.Inference.Features;

namespace KgOrleans.Lab.Fit;

/// <summary>A fitted fine ranker, ready for a bundle.</summary>
/// <param name="Objectives">What its logits predict, in order.</param>
/// <param name="Schema">What fills its inputs.</param>
/// <param name="Graph">The ONNX graph.</param>
internal sealed record FitRanker(IReadOnlyList<string> Objectives, FeatureSchema Schema, byte[] Graph);
