using CsCheck;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;
using KgOrleans.TestSupport;

namespace KgOrleans.Ranking.Tests.Scoring;

[Trait("Suite", "Unit")]
public sealed class FusionPlanTests
{
    private static readonly string[] Objectives = ["play", "like", "share"];
    private static readonly Gen<double> Factor = Gen.OneOf(Gen.Const(0.0), Gen.Double[0.01, 3]);
    private static readonly Gen<float> Logit = Gen.Double[-30, 30].Select(x => (float)x);

    [Fact]
    public void The_score_equals_double_precision_and_stays_within_zero_and_one() =>
        Gen.Select(Logit.Array[3], Factor.Array[3], Factor.Array[3], Gen.Double[0, 1], Gen.Double[0.1, 3], Gen.Double[-2, 2])
            .Sample((logits, exponents, weights, blend, scale, shift) =>
        {
            var plan = new FusionPlan(Settings(exponents, weights, blend, new PlattScaling(scale, shift)), Objectives);
            Assert.Equal(exponents.Sum() == 0 && weights.Sum() == 0, plan.IsEmpty);
            if (plan.IsEmpty)
                return;
            // The scaling is of the first objective alone.
            double[] p = [.. logits.Select((x, k) => 1 / (1 + Math.Exp(-(k == 0 ? (scale * x) + shift : x))))];
            var product = exponents.Sum() == 0 ? (double?)null : Math.Exp(p.Zip(exponents, (x, e) => e * Math.Log(Math.Max(x, 1e-6))).Sum() / exponents.Sum());
            var sum = weights.Sum() == 0 ? (double?)null : p.Zip(weights, (x, w) => x * w).Sum() / weights.Sum();
            var expected = product is null ? sum!.Value : sum is null ? product.Value : ((1 - blend) * product.Value) + (blend * sum.Value);
            var (found, scores) = ((float[])logits.Clone(), new float[1]);
            Assert.Equal(0, plan.Fuse(found, scores));
            Assert.Equal(expected, scores[0], 2e-5);
            Assert.InRange(scores[0], 0, 1);
            for (var k = 0; k < 3; k++)
                Assert.Equal(p[k], found[k], 1e-5);
        }, iter: 2_000);

    [Fact]
    public void The_default_is_the_weighted_geometric_mean()
    {
        var scores = new float[1];
        new FusionPlan(new FineRankSettings(), Objectives).Fuse([0, 0, 0], scores);
        Assert.Equal(0.5f, scores[0], 1e-6f);
        new FusionPlan(new FineRankSettings(), Objectives).Fuse([2, 0, -2], scores);
        var expected = Math.Pow(RelevanceScale.Sigmoid(2) * Math.Pow(0.5, 0.5) * Math.Pow(RelevanceScale.Sigmoid(-2), 0.25), 1 / 1.75);
        Assert.Equal(expected, scores[0], 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_logit_that_is_not_finite_drops_its_item_and_no_other(float logit)
    {
        var plan = new FusionPlan(Settings([1, 0, 0], [0, 0, 0], 0, null), Objectives);
        var scores = new float[3];
        // Also when the objective does not count: what else would the ranker have got wrong?
        Assert.Equal(1, plan.Fuse([1, 0, 0, 1, logit, 0, 1, 0, 0], scores));
        Assert.True(float.IsNaN(scores[1]));
        Assert.Equal(scores[0], scores[2]);
    }

    [Fact]
    public void Extreme_logits_stay_within_zero_and_one()
    {
        var plan = new FusionPlan(Settings([1, 0, 0], [0, 1, 0], 0.5, new PlattScaling(2, 1)), Objectives);
        var scores = new float[2];
        Assert.Equal(0, plan.Fuse([float.MaxValue, float.MaxValue, 0, float.MinValue, float.MinValue, 0], scores));
        Assert.Equal(1f, scores[0]);
        Assert.InRange(scores[1], 0, 1e-6f);
    }

    [Fact]
    public void Fusing_allocates_nothing_and_misuse_is_refused()
    {
        var plan = new FusionPlan(Settings([1, 0.5, 0.25], [1, 1, 1], 0.3, new PlattScaling(2, 1)), Objectives);
        var (logits, scores) = (new float[3_000], new float[1_000]);
        Assert.Equal(0, Allocations.AfterWarmUp(() => plan.Fuse(logits, scores)));
        Assert.Throws<ArgumentException>(() => plan.Fuse(new float[4], new float[1]));
    }

    private static FineRankSettings Settings(double[] exponents, double[] weights, double blend, PlattScaling? play) => new()
    {
        Fusion = new FusionSettings { Product = Named(exponents), Sum = Named(weights), Blend = blend },
        Calibration = play is null ? new Dictionary<string, PlattScaling>() : new Dictionary<string, PlattScaling> { ["play"] = play },
    };

    private static Dictionary<string, double> Named(double[] values) => Objectives.Zip(values).ToDictionary(x => x.First, x => x.Second);
}
