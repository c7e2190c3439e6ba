using KgOrleans.Ranking.Factors;

namespace KgOrleans.Inference.Bundles;

/// <summary>What <c>factors.bin</c> of a bundle holds.</summary>
/// <param name="Items">Items with a vector of their own.</param>
/// <param name="Tokens">Tokens of the content model.</param>
/// <param name="Settings">What the vectors were fitted with, and users are folded in with.</param>
public sealed record FactorsSection(int Items, int Tokens, FactorSettings Settings);
