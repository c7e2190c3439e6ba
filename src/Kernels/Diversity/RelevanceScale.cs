namespace KgOrleans.Kernels.Diversity;

/// <summary>Maps scores to relevance in 0..1, which every diversity step works with.</summary>
public static class RelevanceScale
{
    /// <summary>The logistic function.</summary>
    public static float Sigmoid(float x) => 1f / (1f + MathF.Exp(-x));

    /// <summary>Scales scores to 0..1 in place: the best becomes 1, the worst 0; all 1 when they are equal.</summary>
    public static void Rescale(Span<float> scores)
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
