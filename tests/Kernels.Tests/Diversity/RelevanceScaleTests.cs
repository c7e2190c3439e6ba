using CsCheck;
using KgOrleans.Kernels.Diversity;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public sealed class RelevanceScaleTests
{
    private static readonly Gen<float> Score = Gen.Double[-30, 30].Select(x => (float)x);

    [Fact]
    public void The_logistic_function_has_its_limits()
    {
        Assert.Equal(0f, RelevanceScale.Sigmoid(float.MinValue));
        Assert.Equal(0.5f, RelevanceScale.Sigmoid(0));
        Assert.Equal(1f, RelevanceScale.Sigmoid(float.MaxValue));
    }

    [Fact]
    public void Relevance_runs_from_zero_to_one_and_keeps_the_order() => Score.Array[1, 20].Sample(scores =>
    {
        var relevance = scores.ToArray();
        RelevanceScale.Rescale(relevance);
        Assert.Equal(1f, relevance.Max());
        Assert.Equal(scores.Min() == scores.Max() ? 1f : 0f, relevance.Min());
        for (var i = 1; i < scores.Length; i++)
            Assert.False(scores[i] > scores[i - 1] && relevance[i] < relevance[i - 1]);
    });

    [Fact]
    public void Relevance_of_equal_scores_is_one_and_of_none_is_none()
    {
        float[] equal = [3, 3];
        RelevanceScale.Rescale(equal);
        Assert.Equal([1f, 1f], equal);
        RelevanceScale.Rescale([]);
    }
}
