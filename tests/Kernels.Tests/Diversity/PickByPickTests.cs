using CsCheck;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Kernels.Dot;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

/// <summary>Selections pick by pick: the same as at once when the most valuable is always taken, and conditioned on whatever else is.</summary>
[Trait("Suite", "Unit")]
public class PickByPickTests
{
    private static readonly Gen<(int Count, int Dimension, int Picks, int Window, float Weight, int Context, int Seed)> Cases =
        Gen.Select(Gen.Int[1, 50], Gen.Int[2, 24], Gen.Int[1, 30], Gen.Int[0, 8], Gen.Float[0, 0.9f], Gen.Int[0, 9], Gen.Int[0, 1_000_000]);

    [Fact]
    public void Taking_the_most_valuable_equals_selecting_at_once()
    {
        Cases.Sample(c =>
        {
            var vectors = Lengths.Unit(c.Count, c.Dimension, c.Seed);
            var relevance = Relevances(c.Count, c.Seed);
            float[] quality = [.. relevance.Select(r => GreedyDpp.Quality(r, c.Weight))];
            var count = Math.Min(c.Picks, c.Count);
            var (picked, gains) = (new int[count], new double[count]);

            var dpp = new GreedyDpp();
            var honest = dpp.Select(vectors, c.Dimension, quality, count, c.Window, picked, gains).Honest;
            dpp.Begin(vectors, c.Dimension, quality, [], count, c.Window);
            Follow(dpp.Values, i => dpp.Take(vectors.AsSpan(i * c.Dimension, c.Dimension), i), picked[..honest], gains);

            var mmr = new MarginalRelevance();
            mmr.Select(vectors, c.Dimension, relevance, c.Weight, count, c.Window, picked, gains);
            mmr.Begin(vectors, c.Dimension, relevance, [], c.Weight, count, c.Window);
            Follow(mmr.Values, i => mmr.Take(vectors, c.Dimension, i), picked, gains);

            var scatter = new EmbeddingScatter();
            scatter.Select(vectors, c.Dimension, relevance, c.Weight, count, c.Window, picked, gains);
            scatter.Begin(vectors, c.Dimension, relevance, [], c.Weight, count, c.Window);
            Follow(scatter.Values, i => scatter.Take(vectors, c.Dimension, i), picked, gains);

            void Follow(Filling values, Func<int, double> take, int[] expected, double[] gained)
            {
                var now = new float[c.Count];
                for (var n = 0; n < expected.Length; n++)
                {
                    values(now);
                    Assert.Equal(expected[n], Array.IndexOf(now, now.Max()));
                    Assert.Equal(gained[n], take(expected[n]), 1e-4);
                }
            }
        }, iter: 300);
    }

    [Fact]
    public void Served_works_count_as_picks_that_came_before()
    {
        Cases.Sample(c =>
        {
            var vectors = Lengths.Unit(c.Count, c.Dimension, c.Seed);
            var context = Lengths.Unit(c.Context, c.Dimension, c.Seed + 1);
            var relevance = Relevances(c.Count, c.Seed);
            var (now, then) = (new float[c.Count], new float[c.Count]);
            var held = c.Window == 0 ? c.Context : Math.Min(c.Context, c.Window - 1);
            var newest = Enumerable.Range(c.Context - held, held).ToArray();
            float Nearest(int i) =>
                newest.Select(
                    s => DotProduct.Single(
                        vectors.AsSpan(
                            i * c.Dimension, c.Dimension), context.AsSpan(s * c.Dimension, c.Dimension))).DefaultIfEmpty(float.NegativeInfinity).Max();

            var mmr = new MarginalRelevance();
            mmr.Begin(vectors, c.Dimension, relevance, context, c.Weight, c.Picks, c.Window);
            mmr.Values(now);
            for (var i = 0; i < c.Count; i++)
                Assert.Equal((c.Weight * relevance[i]) - (held == 0 ? 0 : (1 - c.Weight) * Nearest(i)), now[i], 1e-5f);

            var scatter = new EmbeddingScatter();
            scatter.Begin(vectors, c.Dimension, relevance, context, c.Weight, c.Picks, c.Window);
            scatter.Values(now);
            for (var i = 0; i < c.Count; i++)
                Assert.Equal(Nearest(i) <= c.Weight ? relevance[i] : -2 - Nearest(i), now[i], 1e-5f);

            // A served item and an item that was taken condition alike.
            var (served, taken) = (new GreedyDpp(), new GreedyDpp());
            float[] quality = [.. relevance.Select(r => GreedyDpp.Quality(r, c.Weight))];
            served.Begin(vectors, c.Dimension, quality, vectors[..c.Dimension], c.Picks, c.Window);
            taken.Begin(vectors, c.Dimension, quality, [], c.Picks + 1, c.Window);
            taken.Take(vectors.AsSpan(0, c.Dimension), 0);
            served.Exclude(0);
            served.Values(now);
            taken.Values(then);
            for (var i = 0; i < c.Count; i++)
            {
                Assert.Equal(float.IsNegativeInfinity(then[i]), float.IsNegativeInfinity(now[i]));
                Assert.True(float.IsNegativeInfinity(then[i]) || Math.Abs(then[i] - now[i]) < 1e-5f);
            }
        }, iter: 300);
    }

    [Fact]
    public void Copies_of_what_was_taken_are_worth_less_than_anything_else_and_by_quality_among_themselves()
    {
        var vectors = Lengths.Unit(4, 8, 1);
        vectors.AsSpan(0, 8).CopyTo(vectors.AsSpan(8));
        vectors.AsSpan(0, 8).CopyTo(vectors.AsSpan(16));
        var dpp = new GreedyDpp();
        dpp.Begin(vectors, 8, [9, 3, 5, 0.1f], [], 4, 0);
        Assert.False(double.IsNaN(dpp.Take(vectors.AsSpan(0, 8), 0)));
        var values = new float[4];
        dpp.Values(values);
        Assert.True(values[3] > values[2] && values[2] > values[1] && values[1] > values[0], string.Join(' ', values));
        Assert.True(double.IsNaN(dpp.Take(vectors.AsSpan(8, 8), 1)));
    }

    [Fact]
    public void Pick_by_pick_allocates_nothing_once_warm()
    {
        var vectors = Lengths.Unit(100, 16, 1);
        var relevance = Relevances(100, 1);
        float[] quality = [.. relevance.Select(r => GreedyDpp.Quality(r, 0.7f))];
        var values = new float[100];
        var (dpp, mmr, scatter) = (new GreedyDpp(), new MarginalRelevance(), new EmbeddingScatter());
        Assert.Equal(0, Allocations.AfterWarmUp(() =>
        {
            dpp.Begin(vectors, 16, quality, vectors.AsSpan(0, 48), 10, 5);
            mmr.Begin(vectors, 16, relevance, vectors.AsSpan(0, 48), 0.5f, 10, 5);
            scatter.Begin(vectors, 16, relevance, vectors.AsSpan(0, 48), 0.5f, 10, 5);
            for (var i = 0; i < 10; i++)
            {
                dpp.Values(values);
                mmr.Values(values);
                scatter.Values(values);
                dpp.Take(vectors.AsSpan(i * 16, 16), i);
                mmr.Take(vectors, 16, i);
                scatter.Take(vectors, 16, i);
            }
        }));
    }

    private delegate void Filling(Span<float> values);

    private static float[] Relevances(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(1_000) / 1_000f)];
    }
}
