using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Fit;

/// <summary>One line of the search: settings with their score on the inner split.</summary>
/// <param name="Settings">Hyper-parameters.</param>
/// <param name="ContentStrength">How many users an item's document stands for.</param>
/// <param name="Score">What they reach.</param>
internal sealed record FitChoice(FactorSettings Settings, double ContentStrength, FitScore Score);
