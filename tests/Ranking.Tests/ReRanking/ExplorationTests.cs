using CsCheck;
using KgOrleans.Ranking.ReRanking;

namespace KgOrleans.Ranking.Tests.ReRanking;

[Trait("Suite", "Unit")]
public sealed class ExplorationTests
{
    private static readonly ulong[] Keys = [11, 22, 33, 44];
    private static readonly float[] Scores = [0.6f, 0.5f, 0.3f, 0.1f];

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    public void Orders_are_drawn_as_often_as_their_propensities_say(double temperature)
    {
        const int draws = 24_000;
        var counts = new Dictionary<string, int>();
        var probability = new Dictionary<string, double>();
        for (var seed = 0; seed < draws; seed++)
        {
            var (order, propensities) = Draw(seed, temperature);
            var name = string.Join(',', order);
            counts[name] = counts.GetValueOrDefault(name) + 1;
            probability[name] = propensities.Aggregate(1.0, (a, b) => a * b);
        }
        // Every order of four items, each with the product of its propensities as probability.
        Assert.Equal(24, counts.Count);
        Assert.Equal(1, probability.Values.Sum(), 1e-9);
        var chiSquare = counts.Sum(c => Math.Pow(c.Value - (draws * probability[c.Key]), 2) / (draws * probability[c.Key]));
        // The 99.9th percentile of chi-square with 23 degrees of freedom.
        Assert.InRange(chiSquare, 0, 49.73);
    }

    [Fact]
    public void Each_propensity_is_that_of_a_draw_among_the_items_that_are_left() =>
        Gen.Select(Gen.Double[0.001, 1].Array[1, 30], Gen.Double[0.02, 3], Gen.Int).Sample((given, temperature, seed) =>
        {
            float[] scores = [.. given.Select(x => (float)x)];
            ulong[] keys = [.. Enumerable.Range(0, scores.Length).Select(i => (ulong)i)];
            var (order, propensities) = (new int[scores.Length], new double[scores.Length]);
            Exploration.Draw(seed, 0, keys, scores, temperature, order, propensities);
            Assert.Equal(Enumerable.Range(0, scores.Length), order.Order());
            for (var n = 0; n < order.Length; n++)
            {
                // Relative to the largest that is left, so that no power underflows.
                var most = order[n..].Max(i => scores[i]);
                var left = order[n..].Sum(i => Math.Pow(scores[i] / (double)most, 1 / temperature));
                var expected = Math.Pow(scores[order[n]] / (double)most, 1 / temperature) / left;
                Assert.Equal(expected, propensities[n], 1e-6);
            }
            Assert.Equal(1, propensities[^1], 1e-12);
        }, iter: 500);

    [Fact]
    public void Equal_seeds_draw_equal_orders_wherever_items_stand_and_other_seeds_and_pages_draw_others()
    {
        var (order, propensities) = Draw(7, 1);
        var (turned, turnedPropensities) = (new int[4], new double[4]);
        Exploration.Draw(7, 0, [.. Keys.Reverse()], [.. Scores.Reverse()], 1, turned, turnedPropensities);
        Assert.Equal(order.Select(i => Keys[i]), turned.Select(i => Keys[3 - i]));
        Assert.Equal(propensities, turnedPropensities);
        Assert.True(Enumerable.Range(0, 50).Select(seed => string.Join(',', Draw(seed, 1).Order)).Distinct().Count() > 10);
        Assert.True(Enumerable.Range(0, 50).Select(page => string.Join(',', Draw(7, 1, page).Order)).Distinct().Count() > 10);
    }

    [Fact]
    public void A_low_temperature_keeps_the_order_and_a_score_of_nothing_comes_last()
    {
        for (var seed = 0; seed < 100; seed++)
            Assert.Equal([0, 1, 2, 3], Draw(seed, 0.002).Order);
        var (order, propensities) = (new int[2], new double[2]);
        for (var seed = 0; seed < 100; seed++)
        {
            Exploration.Draw(seed, 0, [1, 2], [0, 0.9f], 0.5, order, propensities);
            Assert.Equal([1, 0], order);
            Assert.All(propensities, p => Assert.Equal(1, p, 1e-9));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void The_share_of_requests_that_explore_is_the_scenes(double share)
    {
        const int requests = 20_000;
        var chosen = Enumerable.Range(0, requests).Count(i => Exploration.IsChosen(Exploration.SeedOf($"r-{i}"), share));
        // Four standard deviations of a binomial count.
        var deviation = Math.Sqrt(requests * share * (1 - share));
        Assert.InRange(chosen, (requests * share) - (4 * deviation), (requests * share) + (4 * deviation));
    }

    private static (int[] Order, double[] Propensities) Draw(long seed, double temperature, int served = 0)
    {
        var (order, propensities) = (new int[Keys.Length], new double[Keys.Length]);
        Exploration.Draw(seed, served, Keys, Scores, temperature, order, propensities);
        return (order, propensities);
    }
}
