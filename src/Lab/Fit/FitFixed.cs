namespace KgOrleans.Lab.Fit;

/// <summary>What the caller has chosen; null for what is to be searched.</summary>
/// <param name="Dimension">Components of a vector.</param>
/// <param name="UnobservedWeight">Weight of unseen pairs.</param>
/// <param name="Regularisation">Strength of the regularisation.</param>
/// <param name="Epochs">Passes of the last fit.</param>
/// <param name="Seed">Seed of splits and first vectors.</param>
internal sealed record FitFixed(int? Dimension, double? UnobservedWeight, double? Regularisation, int Epochs, int Seed);
