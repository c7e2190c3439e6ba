using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Features;

/// <summary>Writes an id feature as keys (<see cref="Key64"/>). The destination has the feature's width and holds zeros, which mean "none".</summary>
public delegate void KeyFill(in FeatureSource source, Span<ulong> destination);
