using CsCheck;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Tests.ReRanking;

[Trait("Suite", "Unit")]
public sealed class DiversitySelectorTests
{
    private const int Dimension = 12;
    private static readonly int Kinds = Enum.GetValues<ItemKind>().Length;
    private static readonly int Length = Dimension + Kinds;

    [Theory]
    [InlineData(DiversityMethod.Dpp)]
    [InlineData(DiversityMethod.Mmr)]
    [InlineData(DiversityMethod.Scatter)]
    [InlineData(DiversityMethod.None)]
    public void Every_method_picks_distinct_items_that_weights_lift_and_served_items_hold_back(DiversityMethod method)
    {
        var block = Block(80, seed: 1);
        float[] relevance = [.. Enumerable.Range(0, 80).Select(i => 1 - (i / 80f))];
        float[] weights = [.. Enumerable.Range(0, 80).Select(i => i == 60 ? 9f : 1)];
        var settings = new DiversitySettings(method, 0.8f, 6, 0.1f);
        var selector = new DiversitySelector();

        var plain = selector.Select(settings, block, relevance, [], 30);
        Assert.Equal(30, plain.Distinct().Count());
        Assert.Equal(plain, selector.Select(settings, block, relevance, [], 30));
        Assert.True(Position(60, selector.Select(settings, block, relevance, weights, 30)) < Position(60, plain));
        if (method is DiversityMethod.None)
        {
            Assert.Equal(Enumerable.Range(0, 30), plain);
            return;
        }
        var served = new ItemBlock(1, Dimension, 0);
        served.CopyRow(0, block, plain[0]);
        selector.Begin(settings, block, [.. Enumerable.Range(0, 80)], relevance, [], served, 30);
        Assert.NotEqual(plain[0], Best(selector.Values()));
        Assert.NotNull(selector.Take(Best(selector.Values()), isLast: false));
    }

    [Fact]
    public void A_selection_of_the_determinant_takes_what_adds_most_to_it_by_brute_force() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 24], Gen.Int[1, 10], Gen.Float[0, 0.95f], Gen.Float[0, 1], Gen.Bool, Gen.Int[0, 100_000])
            .Sample((count, picks, window, theta, kindShare, weighted, seed) =>
        {
            var (block, random) = (Block(count, seed), new Random(seed + 1));
            float[] relevance = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
            float[] weights = weighted ? [.. Enumerable.Range(0, count).Select(_ => 0.1f + (3 * random.NextSingle()))] : [];
            var settings = new DiversitySettings(DiversityMethod.Dpp, theta, window, kindShare);

            var order = new DiversitySelector().Select(settings, block, relevance, weights, picks);

            Assert.Equal(Math.Min(picks, count), order.Distinct().Count());
            for (var n = 0; n < order.Length; n++)
            {
                var held = order[Math.Max(0, n - window + 1)..n];
                var variances = Array.ConvertAll(
                    [.. Enumerable.Range(0, count).Except(order[..n])], i => (Row: i, Variance: Variance(block, held, i, kindShare)));
                // Below what float32 can tell from a copy, quality decides: the rest of the order is not the determinant's.
                if (variances.All(v => v.Variance < 2 * GreedyDpp.Epsilon))
                    return;
                double Value((int Row, double Variance) v) =>
                    v.Variance * Math.Pow(GreedyDpp.Quality(relevance[v.Row], theta, weighted ? weights[v.Row] : 1), 2);
                var chosen = Value(variances.Single(v => v.Row == order[n]));
                Assert.True(chosen >= variances.Where(v => v.Variance >= 2 * GreedyDpp.Epsilon).Max(Value) * 0.98, $"pick {n}");
            }
        }, iter: 300);

    [Fact]
    public void A_selection_is_to_the_bit_what_the_kernel_selects_from_similarity_and_quality() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[0, 80], Gen.Int[1, 20], Gen.Float[0, 0.98f], Gen.Float[0, 1], Gen.Bool, Gen.Int[0, 100_000])
            .Sample((count, picks, window, theta, kindShare, weighted, seed) =>
        {
            var (block, random) = (Block(count, seed, copies: seed % 3 == 0), new Random(seed + 1));
            float[] relevance = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
            float[] weights = weighted ? [.. Enumerable.Range(0, count).Select(_ => 0.1f + (3 * random.NextSingle()))] : [];
            var vectors = new float[count * Length];
            for (var i = 0; i < count; i++)
                KindPrior.Fill(block.ContentOf(i), (int)block.Rows[i].Kind, kindShare, vectors.AsSpan(i * Length, Length));
            float[] quality = [.. relevance.Select((r, i) => GreedyDpp.Quality(r, theta, weighted ? weights[i] : 1))];
            var expected = new int[Math.Min(picks, count)];
            new GreedyDpp().Select(vectors, Length, quality, expected.Length, window, expected, new double[expected.Length]);

            var selector = new DiversitySelector();
            var settings = new DiversitySettings(DiversityMethod.Dpp, theta, window, kindShare);
            // What a workspace did before does not matter.
            selector.Select(settings with { Method = DiversityMethod.Mmr }, Block(50, seed), new float[50], [], 9);
            Assert.Equal(expected, selector.Select(settings, block, relevance, weights, picks));
            Assert.Equal(expected, selector.Select(settings, block, relevance, weights, picks));
        }, iter: 400);

    [Fact]
    public void The_other_methods_select_what_taking_the_best_again_and_again_takes() =>
        Gen.Select(Gen.Enum<DiversityMethod>().Where(m => m != DiversityMethod.Dpp), Gen.Int[1, 60], Gen.Int[1, 30], Gen.Int[1, 8], Gen.Int[0, 100_000])
            .Sample((method, count, picks, window, seed) =>
        {
            var (block, random) = (Block(count, seed), new Random(seed + 1));
            float[] relevance = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
            var settings = new DiversitySettings(method, 0.7f, window, 0.1f);
            var steps = new DiversitySelector();
            steps.Begin(settings, block, [.. Enumerable.Range(0, count)], relevance, [], null, picks);
            var expected = new List<int>();
            while (expected.Count < Math.Min(picks, count))
            {
                expected.Add(Best(steps.Values()));
                steps.Take(expected[^1], isLast: false);
            }
            Assert.Equal(expected, new DiversitySelector().Select(settings, block, relevance, [], picks));
        }, iter: 200);

    [Fact]
    public void Kinds_are_mixed_more_the_larger_their_share()
    {
        var block = Block(60, seed: 4);
        for (var i = 0; i < 60; i++)
            block.Rows[i].Kind = i < 30 ? ItemKind.Video : ItemKind.Audio;
        float[] relevance = [.. Enumerable.Range(0, 60).Select(i => 1 - (i / 60f))];
        int Audio(float share) => new DiversitySelector().Select(new DiversitySettings(DiversityMethod.Dpp, 0.8f, 8, share), block, relevance, [], 12)
            .Count(i => i >= 30);
        Assert.True(Audio(0) < Audio(0.9f), $"{Audio(0)} and {Audio(0.9f)} audio items");
    }

    // d^2 of a candidate given the picks that are held: the Schur complement in S, by Gaussian elimination in float64.
    private static double Variance(ItemBlock block, int[] held, int candidate, float kindShare)
    {
        int[] all = [.. held, candidate];
        var s = new double[all.Length, all.Length];
        for (var i = 0; i < all.Length; i++)
        {
            for (var j = 0; j < all.Length; j++)
                s[i, j] = Similarity(block, all[i], all[j], kindShare);
        }
        for (var k = 0; k < held.Length; k++)
        {
            // A copy of what is held before it conditions nothing more.
            if (s[k, k] < GreedyDpp.Epsilon)
                s[k, k] = GreedyDpp.Epsilon;
            for (var i = k + 1; i < all.Length; i++)
            {
                var factor = s[i, k] / s[k, k];
                for (var j = k; j < all.Length; j++)
                    s[i, j] -= factor * s[k, j];
            }
        }
        return s[held.Length, held.Length];
    }

    private static double Similarity(ItemBlock block, int a, int b, float kindShare)
    {
        var sum = block.Rows[a].Kind == block.Rows[b].Kind ? (double)kindShare : 0;
        for (var c = 0; c < Dimension; c++)
            sum += (1 - kindShare) * block.ContentOf(a)[c] * block.ContentOf(b)[c];
        return (1 + sum) / 2;
    }

    private static int Best(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            best = values[i] > values[best] ? i : best;
        return best;
    }

    private static int Position(int item, int[] order) => Array.IndexOf(order, item) is >= 0 and var at ? at : int.MaxValue;

    private static ItemBlock Block(int count, int seed, bool copies = false)
    {
        var random = new Random(seed);
        var block = new ItemBlock(count, Dimension, 0);
        for (var i = 0; i < count; i++)
        {
            block.Rows[i].Kind = (ItemKind)random.Next(3);
            if (copies && i > 0 && random.Next(2) == 0)
            {
                block.CopyRow(i, block, random.Next(i));
                continue;
            }
            foreach (ref var x in block.ContentOf(i))
                x = random.NextSingle() - 0.5f;
            VectorMath.Normalise(block.ContentOf(i));
        }
        return block;
    }
}
