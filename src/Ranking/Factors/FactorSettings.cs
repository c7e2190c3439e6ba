namespace KgOrleans.Ranking.Factors;

/// <summary>
/// How implicit factors are fitted: the hyper-parameters of iALS as in Rendle, Krichene, Zhang and Koren, "Revisiting the Performance of iALS on Item
/// Recommendation Benchmarks" (RecSys 2022), with the symbols of section 3.
/// </summary>
public sealed record FactorSettings
{
    /// <summary>Most components: the normal equations of a row have their square in memory.</summary>
    public const int MostDimension = 512;

    /// <summary>Components of a vector (d), 1..<see cref="MostDimension"/>.</summary>
    public int Dimension { get; init; } = 64;

    /// <summary>Weight of every pair, seen or not, beside a weight of 1 for a seen one (alpha 0); above 0.</summary>
    public double UnobservedWeight { get; init; } = 0.1;

    /// <summary>Strength of the regularisation (lambda); above 0.</summary>
    public double Regularisation { get; init; } = 0.01;

    /// <summary>How the regularisation of a row grows with its evidence (nu): lambda x (count + alpha 0 x rows of the other side) ^ nu. 0..2.</summary>
    public double Exponent { get; init; } = 1;

    /// <summary>Passes over both sides, at least 1.</summary>
    public int Epochs { get; init; } = 16;

    /// <summary>Standard deviation of the first item vectors' length (sigma*): each component has it divided by the root of the dimension.</summary>
    public double Deviation { get; init; } = 0.1;

    /// <summary>Seed of the first item vectors.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Regularisation of a row.</summary>
    /// <param name="count">Its positives.</param>
    /// <param name="others">Rows of the other side.</param>
    public double RegularisationOf(int count, int others) => Regularisation * Math.Pow(count + (UnobservedWeight * others), Exponent);

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> for a value out of its range.</summary>
    public void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Dimension, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Dimension, MostDimension);
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        RequirePositive(UnobservedWeight, nameof(UnobservedWeight));
        RequirePositive(Regularisation, nameof(Regularisation));
        RequirePositive(Deviation, nameof(Deviation));
        if (!(Exponent is >= 0 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(Exponent), Exponent, "must be 0..2");
    }

    private static void RequirePositive(double value, string name)
    {
        if (!(value is > 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(name, value, "must be above 0");
    }
}
