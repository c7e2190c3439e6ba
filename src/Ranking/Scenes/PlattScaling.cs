namespace KgOrleans.Ranking.Scenes;

/// <summary>Platt's scaling of a logit.</summary>
/// <param name="Scale">Factor, above 0.</param>
/// <param name="Shift">Added to the scaled logit.</param>
public sealed record PlattScaling(double Scale, double Shift);
