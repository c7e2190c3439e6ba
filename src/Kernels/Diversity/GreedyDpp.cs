namespace KgOrleans.Kernels.Diversity;

/// <summary>The greedy determinantal point process in float32: what a request runs.</summary>
/// <inheritdoc cref="GreedyDpp{T}"/>
public sealed class GreedyDpp : GreedyDpp<float>
{
    /// <summary>
    /// The least conditional variance, relative to the unit diagonal of S, that is trusted: four times the square root of float32's precision.
    /// Inner products are off by about 2^-24 each, and a factor with a pivot d^2 magnifies that by 1 / d^2: at this bound the noise stays well below the bound
    /// itself.
    /// </summary>
    public const float Epsilon = 1f / 1024;

    /// <summary>A workspace.</summary>
    public GreedyDpp()
        : base(Epsilon, 0)
    {
    }

    /// <summary>The quality that trades relevance against diversity: <c>w e^(a r)</c>, <c>a = theta / (2 (1 - theta))</c> (arXiv 1709.05135).</summary>
    /// <param name="relevance">Relevance r, 0 to 1.</param>
    /// <param name="theta">The weight of relevance, 0 (diversity alone) to 0.98.</param>
    /// <param name="weight">The traffic weight w, positive and finite: above 1 lifts an item, below 1 holds it back.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, or NaN.</exception>
    public static float Quality(float relevance, float theta, float weight = 1) => (float)GreedyDpp64.Quality(relevance, theta, weight);
}

/// <summary>The greedy determinantal point process in float64: for tools and oracles, at a third of the speed.</summary>
/// <inheritdoc cref="GreedyDpp{T}"/>
public sealed class GreedyDpp64 : GreedyDpp<double>
{
    /// <summary>The least conditional variance that is trusted; its error is about 1e-16 over itself.</summary>
    public const double Epsilon = 1e-11;

    /// <summary>Candidates within this share of the best are tied: rounding does not decide between items that are equal by construction.</summary>
    public const double Tie = 1e-12;

    /// <summary>A workspace.</summary>
    public GreedyDpp64()
        : base(Epsilon, Tie)
    {
    }

    /// <inheritdoc cref="GreedyDpp.Quality"/>
    public static double Quality(double relevance, double theta, double weight = 1)
    {
        if (!(relevance >= 0 && relevance <= 1))
            throw new ArgumentOutOfRangeException(nameof(relevance), relevance, "Relevance is 0..1.");
        // 0.98 as a float32 is a little more.
        if (!(theta >= 0 && theta <= 0.98f))
            throw new ArgumentOutOfRangeException(nameof(theta), theta, "Theta is 0..0.98.");
        if (!(weight > 0) || !double.IsFinite(weight))
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "A traffic weight is positive and finite.");
        return weight * Math.Exp(theta / (2 * (1 - theta)) * relevance);
    }
}
