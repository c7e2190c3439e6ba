namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Weights of a list of interests as whole numbers. The scale is the largest power of two at which the sum of all weights stays below 2^30, so no sum
/// overflows and every weight is rounded by less than a billionth of the sum; below 2^22, and by less than a millionth, where tags count by shares of 256. No
/// weight is rounded to zero.
/// </summary>
/// <param name="Scale">Whole numbers of a weight of 1.</param>
/// <param name="Unit">Weight that a sum of 1 stands for.</param>
internal readonly record struct InterestScale(double Scale, float Unit)
{
    private const int Bits = 30;

    /// <summary>The scale of a list of interests.</summary>
    /// <param name="interests">The list.</param>
    /// <param name="sharedBits">Bits that the sums need below the whole numbers: those of <see cref="Catalogue.TagShare"/> when tags count by it.</param>
    public static InterestScale Of(ReadOnlySpan<RecallInterest> interests, int sharedBits)
    {
        var sum = 0d;
        foreach (var interest in interests)
            sum += interest.Weight;
        // The exponent lies above that of the sum; a sum of 0 takes any exponent.
        var exponent = Math.Clamp(Bits - sharedBits - 1 - (sum > 0 ? Math.ILogB(sum) : 0), -100, 100);
        return new InterestScale(Math.ScaleB(1, exponent), MathF.ScaleB(1, -exponent - sharedBits));
    }

    /// <summary>The whole number of an interest.</summary>
    public int Whole(in RecallInterest interest) => (int)Math.Clamp(Math.Round(interest.Weight * Scale), 1, 1 << Bits);
}
