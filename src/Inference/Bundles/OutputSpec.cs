namespace KgOrleans.Inference.Bundles;

/// <summary>The only output that a graph may have.</summary>
internal sealed record OutputSpec(string Name, long[] Shape);
