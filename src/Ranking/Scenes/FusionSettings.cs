namespace KgOrleans.Ranking.Scenes;

/// <summary>
/// Fusion of objectives: (1 - blend) x product + blend x sum, where product = (prod p_k ^ e_k) ^ (1 / sum e_k) and sum = sum w_k p_k / sum w_k, each in 0..1.
/// </summary>
public sealed record FusionSettings
{
    /// <summary>Exponent of each objective in the product; 0 if not named.</summary>
    public IReadOnlyDictionary<string, double> Product { get; init; } = new Dictionary<string, double> { ["play"] = 1, ["like"] = 0.5, ["share"] = 0.25 };

    /// <summary>Weight of each objective in the sum; 0 if not named.</summary>
    public IReadOnlyDictionary<string, double> Sum { get; init; } = new Dictionary<string, double>();

    /// <summary>Share of the sum in the score.</summary>
    public double Blend { get; init; }
}
