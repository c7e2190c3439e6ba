namespace KgOrleans.Inference.Bundles;

/// <summary>What a graph's only output must be.</summary>
internal sealed record OutputSpec(string Name, long[] Shape);
