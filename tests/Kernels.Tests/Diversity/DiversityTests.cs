using CsCheck;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Kernels.Dot;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class DiversityTests
{
    private static float Nearest(float[] vectors, int d, int i, IEnumerable<int> held) =>
        held.Select(j => DotProduct.Single(vectors.AsSpan(i * d, d), vectors.AsSpan(j * d, d))).DefaultIfEmpty(float.NegativeInfinity).Max();

    private static int[] Held(List<int> chosen, int window) => window == 0 ? [.. chosen] : [.. chosen.TakeLast(window - 1)];

    private static float[] Relevances(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(20) / 20f)];
    }

    private static readonly Gen<(int Count, int Dimension, int Picks, int Window, float Weight, int Seed)> Cases =
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 24], Gen.Int[0, 80], Gen.Int[0, 8], Gen.Float[0, 1], Gen.Int[0, 1_000_000]);

    [Fact]
    public void Marginal_relevance_equals_its_definition()
    {
        Cases.Sample(c =>
        {
            var workspace = new MarginalRelevance();
            var vectors = Lengths.Unit(c.Count, c.Dimension, c.Seed);
            var relevance = Relevances(c.Count, c.Seed);
            var picked = new int[Math.Min(c.Picks, c.Count)];
            var gains = new double[picked.Length];
            // A workspace remembers nothing of another selection.
            workspace.Select(vectors, c.Dimension, relevance, 0.5f, c.Count / 2, 3, new int[c.Count], new double[c.Count]);
            Assert.Equal(picked.Length, workspace.Select(vectors, c.Dimension, relevance, c.Weight, c.Picks, c.Window, picked, gains));
            var chosen = new List<int>();
            for (var n = 0; n < picked.Length; n++)
            {
                var held = Held(chosen, c.Window);
                float Value(int i) => (c.Weight * relevance[i]) - (held.Length == 0 ? 0 : (1 - c.Weight) * Nearest(vectors, c.Dimension, i, held));
                var expected = Enumerable.Range(0, c.Count).Except(chosen).MaxBy(Value);
                Assert.Equal(expected, picked[n]);
                Assert.Equal(Value(expected), gains[n], 1e-6);
                chosen.Add(expected);
            }
        }, iter: 200);
    }

    [Fact]
    public void Scatter_equals_its_definition()
    {
        Cases.Sample(c =>
        {
            var workspace = new EmbeddingScatter();
            var vectors = Lengths.Unit(c.Count, c.Dimension, c.Seed);
            var relevance = Relevances(c.Count, c.Seed);
            var picked = new int[Math.Min(c.Picks, c.Count)];
            var gains = new double[picked.Length];
            // A workspace remembers nothing of another selection.
            workspace.Select(vectors, c.Dimension, relevance, 0.5f, c.Count / 2, 3, new int[c.Count], new double[c.Count]);
            Assert.Equal(picked.Length, workspace.Select(vectors, c.Dimension, relevance, c.Weight, c.Picks, c.Window, picked, gains));
            var chosen = new List<int>();
            for (var n = 0; n < picked.Length; n++)
            {
                var held = Held(chosen, c.Window);
                var left = Enumerable.Range(0, c.Count).Except(chosen).ToArray();
                var allowed = left.Where(i => Nearest(vectors, c.Dimension, i, held) <= c.Weight).ToArray();
                var expected = allowed.Length > 0 ? allowed.MaxBy(i => relevance[i]) : left.MinBy(i => Nearest(vectors, c.Dimension, i, held));
                Assert.Equal(expected, picked[n]);
                Assert.Equal(held.Length == 0 ? 1 : 1 - Nearest(vectors, c.Dimension, expected, held), gains[n], 1e-6);
                chosen.Add(expected);
            }
        }, iter: 200);
    }

    [Fact]
    public void A_vector_that_is_not_a_number_comes_last_and_harms_nobody()
    {
        var vectors = Lengths.Unit(20, 8, 1);
        vectors.AsSpan(0, 8).Fill(float.NaN);
        var relevance = new float[20];
        Array.Fill(relevance, 0.5f);
        var picked = new int[20];
        new MarginalRelevance().Select(vectors, 8, relevance, 0.5f, 20, 0, picked, new double[20]);
        // The first pick looks at no other; it is the lowest position.
        Assert.Equal(Enumerable.Range(0, 20), picked.Order());
        relevance[0] = 0;
        new EmbeddingScatter().Select(vectors, 8, relevance, 0.9f, 20, 0, picked, new double[20]);
        Assert.Equal(0, picked[19]);
    }

    [Fact]
    public void A_kind_makes_works_alike_and_the_vector_keeps_its_length()
    {
        var content = Lengths.Unit(2, 16, 3);
        var vectors = new float[2 * 19];
        KindPrior.Fill(content.AsSpan(0, 16), 2, 0.1f, vectors.AsSpan(0, 19));
        KindPrior.Fill(content.AsSpan(16), 2, 0.1f, vectors.AsSpan(19));
        var cosine = DotProduct.Single(content.AsSpan(0, 16), content.AsSpan(16));
        Assert.Equal((0.9f * cosine) + 0.1f, DotProduct.Single(vectors.AsSpan(0, 19), vectors.AsSpan(19)), 1e-6f);
        KindPrior.Fill(content.AsSpan(16), 0, 0.1f, vectors.AsSpan(19));
        Assert.Equal(0.9f * cosine, DotProduct.Single(vectors.AsSpan(0, 19), vectors.AsSpan(19)), 1e-6f);
        Assert.Equal(1f, DotProduct.Single(vectors.AsSpan(19), vectors.AsSpan(19)), 1e-6f);
        Assert.Throws<ArgumentOutOfRangeException>("kind", () => KindPrior.Fill(content.AsSpan(0, 16), 3, 0.1f, vectors.AsSpan(0, 19)));
        Assert.Throws<ArgumentOutOfRangeException>("kind", () => KindPrior.Fill(content.AsSpan(0, 16), -1, 0.1f, vectors.AsSpan(0, 19)));
        Assert.Throws<ArgumentOutOfRangeException>("share", () => KindPrior.Fill(content.AsSpan(0, 16), 0, 1.1f, vectors.AsSpan(0, 19)));
    }

    [Fact]
    public void A_traffic_weight_multiplies_the_quality()
    {
        Assert.Equal(2 * GreedyDpp.Quality(0.4f, 0.7f), GreedyDpp.Quality(0.4f, 0.7f, 2), 1e-5f);
        Assert.Throws<ArgumentOutOfRangeException>("weight", () => GreedyDpp.Quality(0.4f, 0.7f, 0));
        Assert.Throws<ArgumentOutOfRangeException>("weight", () => GreedyDpp.Quality(0.4f, 0.7f, float.PositiveInfinity));
    }

    [Fact]
    public void Float64_agrees_with_brute_force_closer_than_float32_can()
    {
        var vectors = Lengths.Unit(60, 16, 8);
        var quality = Lengths.Random(60, 9).Select(x => x + 1.5f).ToArray();
        var brute = new BruteForceDpp(vectors, 16, quality, [], 5).Run(30, GreedyDpp64.Epsilon);
        var picked = new int[30];
        var gains = new double[30];
        var result = new GreedyDpp64().Select([.. vectors.Select(x => (double)x)], 16, [.. quality.Select(q => (double)q)], 30, 5, picked, gains);
        Assert.Equal(new DppResult(30, 30), result);
        Assert.Equal(brute.Picks, picked);
        for (var i = 0; i < 30; i++)
            Assert.Equal(brute.Gains[i], gains[i], 1e-11);
    }

    [Fact]
    public void Misuse_is_refused_and_selecting_allocates_nothing()
    {
        var (mmr, scatter) = (new MarginalRelevance(), new EmbeddingScatter());
        var picked = new int[30];
        var gains = new double[30];
        Assert.Throws<ArgumentOutOfRangeException>("lambda", () => mmr.Select([1f], 1, [1f], 1.1f, 1, 0, picked, gains));
        Assert.Throws<ArgumentOutOfRangeException>("limit", () => scatter.Select([1f], 1, [1f], -1.1f, 1, 0, picked, gains));
        Assert.Throws<ArgumentOutOfRangeException>("relevance", () => mmr.Select([1f], 1, [float.NaN], 1, 1, 0, picked, gains));
        Assert.Throws<ArgumentOutOfRangeException>("window", () => mmr.Select([1f], 1, [1f], 1, 1, -1, picked, gains));
        Assert.Throws<ArgumentOutOfRangeException>("picks", () => scatter.Select([1f], 1, [1f], 1, -1, 0, picked, gains));
        Assert.Throws<ArgumentException>("vectors", () => scatter.Select([1f], 2, [1f], 1, 1, 0, picked, gains));
        Assert.Throws<ArgumentException>("picked", () => scatter.Select([1f, 1f], 1, [1f, 1f], 1, 2, 0, new int[1], gains));
        Assert.Equal(0, mmr.Select([], 1, [], 1, 5, 0, [], []));
        var vectors = Lengths.Unit(100, 16, 1);
        var relevance = Relevances(100, 1);
        Assert.Equal(0, Allocations.AfterWarmUp(() => mmr.Select(vectors, 16, relevance, 0.5f, 30, 5, picked, gains)));
        Assert.Equal(0, Allocations.AfterWarmUp(() => scatter.Select(vectors, 16, relevance, 0.3f, 30, 0, picked, gains)));
    }

    [Fact]
    public void Beyond_the_limit_the_least_alike_comes_first_however_small_the_difference()
    {
        // The first pick is the most relevant. The other two lie beyond the limit; their cosines with it differ by one bit.
        var (near, far) = (MathF.BitIncrement(0.3f), 0.3f);
        float[] vectors = [1, 0, near, MathF.Sqrt(1 - (near * near)), far, -MathF.Sqrt(1 - (far * far))];
        var picked = new int[3];
        new EmbeddingScatter().Select(vectors, 2, [1, 0.5f, 0.5f], limit: 0.1f, picks: 2, window: 0, picked, new double[3]);
        Assert.Equal([0, 2], picked[..2]);
    }
}
