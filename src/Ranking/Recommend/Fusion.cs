namespace KgOrleans.Ranking.Recommend;

/// <summary>Fusion of the fine ranker's objectives into one score.</summary>
public static class Fusion
{
    // Keeps the logarithm finite; far below any probability that a ranker means.
    private const float Floor = 1e-6f;

    /// <summary>The logistic function.</summary>
    public static float Sigmoid(float x) => 1f / (1f + MathF.Exp(-x));

    /// <summary>
    /// Weighted geometric mean of the objectives' probabilities: (prod p_k ^ e_k) ^ (1 / sum e_k), in 0..1. NaN when a logit is not finite, so that the caller drops the candidate.
    /// </summary>
    /// <param name="logits">One logit an objective.</param>
    /// <param name="exponents">One exponent an objective, not negative, not all 0.</param>
    public static float GeometricMean(ReadOnlySpan<float> logits, ReadOnlySpan<float> exponents)
    {
        float sum = 0, weight = 0;
        for (var k = 0; k < logits.Length; k++)
        {
            if (!float.IsFinite(logits[k]))
                return float.NaN;
            sum += exponents[k] * MathF.Log(Math.Max(Sigmoid(logits[k]), Floor));
            weight += exponents[k];
        }
        return MathF.Exp(sum / weight);
    }

    /// <summary>Scales scores to 0..1 in place: the best becomes 1, the worst 0; all 1 when they are equal.</summary>
    public static void ToRelevance(Span<float> scores)
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (var score in scores)
        {
            low = Math.Min(low, score);
            high = Math.Max(high, score);
        }
        foreach (ref var score in scores)
            score = high > low ? (score - low) / (high - low) : 1f;
    }
}
