namespace KgOrleans.Inference.Features;

/// <summary>Writes a dense feature. The destination has the feature's width and holds zeros.</summary>
public delegate void DenseFill(in FeatureSource source, Span<float> destination);
