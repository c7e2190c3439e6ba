using CsCheck;
using KgOrleans.Ranking.Recommend;

namespace KgOrleans.Ranking.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class FusionTests
{
    private static readonly Gen<float> Logit = Gen.Double[-30, 30].Select(x => (float)x);
    private static readonly Gen<float> Exponent = Gen.Double[0.01, 3].Select(x => (float)x);

    [Fact]
    public void The_mean_equals_double_precision_and_stays_within_the_objectives() => Gen.Select(Logit, Exponent).Array[1, 6].Sample(objectives =>
    {
        var (logits, exponents) = (objectives.Select(o => o.Item1).ToArray(), objectives.Select(o => o.Item2).ToArray());
        var p = logits.Select(x => Math.Max(1 / (1 + Math.Exp(-(double)x)), 1e-6)).ToArray();
        var expected = Math.Exp(p.Zip(exponents, (x, e) => e * Math.Log(x)).Sum() / exponents.Sum(e => (double)e));
        var actual = Fusion.GeometricMean(logits, exponents);
        Assert.Equal(expected, actual, 1e-5);
        Assert.InRange(actual, (float)p.Min() - 1e-5f, (float)p.Max() + 1e-5f);
    });

    [Fact]
    public void A_larger_logit_never_lowers_the_mean_and_an_exponent_of_zero_ignores_its_objective()
    {
        Assert.True(Fusion.GeometricMean([1, 0], [1, 1]) > Fusion.GeometricMean([0.5f, 0], [1, 1]));
        Assert.Equal(Fusion.GeometricMean([1, -20], [1, 0]), Fusion.GeometricMean([1], [1]));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_logit_that_is_not_finite_gives_no_score(float logit)
    {
        Assert.True(float.IsNaN(Fusion.GeometricMean([0, logit], [1, 1])));
        Assert.True(float.IsNaN(Fusion.GeometricMean([logit, 0], [0, 1])));
    }

    [Fact]
    public void Extreme_logits_stay_within_zero_and_one()
    {
        Assert.Equal(1f, Fusion.GeometricMean([float.MaxValue], [1]));
        Assert.InRange(Fusion.GeometricMean([float.MinValue], [1]), 1e-7f, 1.1e-6f);
        Assert.Equal(0f, Fusion.Sigmoid(float.MinValue));
        Assert.Equal(0.5f, Fusion.Sigmoid(0));
    }

    [Fact]
    public void Relevance_runs_from_zero_to_one_and_keeps_the_order() => Logit.Array[1, 20].Sample(scores =>
    {
        var relevance = scores.ToArray();
        Fusion.ToRelevance(relevance);
        Assert.Equal(1f, relevance.Max());
        Assert.Equal(scores.Min() == scores.Max() ? 1f : 0f, relevance.Min());
        for (var i = 1; i < scores.Length; i++)
            Assert.False(scores[i] > scores[i - 1] && relevance[i] < relevance[i - 1]);
    });

    [Fact]
    public void Relevance_of_equal_scores_is_one_and_of_none_is_none()
    {
        float[] equal = [3, 3];
        Fusion.ToRelevance(equal);
        Assert.Equal([1f, 1f], equal);
        Fusion.ToRelevance([]);
    }
}
