namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Weights of a list of interests as whole numbers. The scale is the largest power of two at which the sum of all weights stays below 2^30, so no sum
/// overflows and every weight is rounded by less than a billionth of the sum. No weight is rounded to zero.
/// </summary>
/// <param name="Scale">Whole numbers of a weight of 1.</param>
/// <param name="Unit">Weight of the whole number 1.</param>
internal readonly record struct InterestScale(double Scale, float Unit)
{
    private const int Bits = 30;

    public static InterestScale Of(ReadOnlySpan<RecallInterest> interests)
    {
        var sum = 0d;
        foreach (var interest in interests)
            sum += interest.Weight;
        // The exponent lies above that of the sum; a sum of 0 takes any exponent.
        var exponent = Math.Clamp(Bits - 1 - (sum > 0 ? Math.ILogB(sum) : 0), -100, 100);
        return new InterestScale(Math.ScaleB(1, exponent), MathF.ScaleB(1, -exponent));
    }

    /// <summary>The whole number of an interest.</summary>
    public int Whole(in RecallInterest interest) => (int)Math.Clamp(Math.Round(interest.Weight * Scale), 1, 1 << Bits);
}
