using KgOrleans.Ranking.Scoring;

namespace KgOrleans.Ranking.Tests.Scoring;

[Trait("Suite", "Unit")]
public sealed class QualityFactorTests
{
    private const double Target = 80;

    [Theory]
    [InlineData(99)]
    [InlineData(95)]
    [InlineData(50)]
    public void It_comes_to_rest_where_the_percentile_is_held(double percentile)
    {
        // Times grow with the width and scatter: at which width that many percent are below the target follows from the distribution.
        var factor = new QualityFactor(0.1);
        var random = new Random(7);
        var late = 0;
        const int measured = 40_000;
        for (var i = 0; i < 2 * measured; i++)
        {
            var took = 120 * factor.Factor * (1 - (0.3 * Math.Log(1 - random.NextDouble()))) / 1.5;
            factor.Record(took, Target, percentile);
            if (i >= measured && took > Target)
                late++;
        }
        Assert.InRange(100.0 * late / measured, 0.8 * (100 - percentile), 1.2 * (100 - percentile));
        Assert.InRange(factor.Factor, 0.11, 0.99);
    }

    [Fact]
    public void It_never_leaves_its_range_and_grows_back_when_the_load_is_gone()
    {
        var factor = new QualityFactor(0.3);
        for (var i = 0; i < QualityFactor.WarmUp; i++)
            factor.Record(10_000, Target, 99);
        Assert.Equal(1, factor.Factor);
        for (var i = 0; i < 1_000; i++)
            factor.Record(10_000, Target, 99);
        Assert.Equal(0.3, factor.Factor);
        for (var i = 0; i < 5_000; i++)
            factor.Record(1, Target, 99);
        Assert.Equal(1, factor.Factor);
    }

    [Fact]
    public void Callers_at_once_lose_no_request()
    {
        var factor = new QualityFactor(0.01);
        for (var i = 0; i < QualityFactor.WarmUp; i++)
            factor.Record(1, Target, 50);
        // At the 50th percentile a late request takes as much as one in time gives.
        Parallel.For(0, 1_000, _ => factor.Record(Target + 1, Target, 50));
        Assert.Equal(1 - (1_000 * 0.0005), factor.Factor, 9);
    }
}
