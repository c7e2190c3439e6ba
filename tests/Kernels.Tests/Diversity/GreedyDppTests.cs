using CsCheck;
using KgOrleans.Kernels.Diversity;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class GreedyDppTests
{
    // What float32 rounding may change in a conditional variance of S, per unit of its largest sensitivity so far to an error in an entry of S:
    // sixteen roundings, since a windowed factor carries those of earlier windows along.
    private const double EntryError = 1d / (1 << 20);

    private static float[] Qualities(int count, float theta, int seed)
    {
        var random = new Random(seed);
        var quality = new float[count];
        foreach (ref var q in quality.AsSpan())
            q = GreedyDpp.Quality(random.NextSingle(), theta);
        return quality;
    }

    private static (int[] Picks, double[] Gains, DppResult Result) Run(
        GreedyDpp dpp, float[] vectors, int d, float[] quality, float[] context, int picks, int window)
    {
        var picked = new int[picks];
        var gains = new double[picks];
        var contextQuality = new float[context.Length / d];
        Array.Fill(contextQuality, 1.5f);
        var result = dpp.Select(vectors, d, quality, context, contextQuality, picks, window, picked, gains);
        return (picked[..result.Count], gains[..result.Count], result);
    }

    private sealed record Case(int Count, int Dimension, int Picks, int Window, int Context, float Theta, int Copies, int Seed)
    {
        public float[] Vectors()
        {
            var vectors = Lengths.Unit(Count, Dimension, Seed);
            // Some items are copies of the first, one has no vector at all.
            for (var i = 1; i <= Math.Min(Copies, Count - 1); i++)
                vectors.AsSpan(0, Dimension).CopyTo(vectors.AsSpan(i * Dimension));
            if (Copies == 3)
                vectors.AsSpan(^Dimension).Clear();
            return vectors;
        }
    }

    private static readonly Gen<Case> Cases =
        from count in Gen.Int[1, 60]
        from dimension in Gen.Int[1, 24]
        from picks in Gen.Int[1, 40]
        from window in Gen.Frequency((1, Gen.Const(0)), (3, Gen.Int[1, 9]))
        from context in Gen.Frequency((1, Gen.Const(0)), (1, Gen.Int[1, 12]))
        from theta in Gen.Float[0, 0.9f]
        from copies in Gen.Int[0, 3]
        from seed in Gen.Int[0, 1_000_000]
        select new Case(count, dimension, picks, window, context, theta, copies, seed);

    [Fact]
    public void Every_pick_is_the_best_that_brute_force_finds_after_the_same_picks()
    {
        Cases.Sample(c =>
        {
            var vectors = c.Vectors();
            var quality = Qualities(c.Count, c.Theta, c.Seed);
            var context = Lengths.Unit(c.Context, c.Dimension, c.Seed + 1);
            var brute = new BruteForceDpp(vectors, c.Dimension, quality, context, c.Window);
            // A context without full rank takes a ridge, which has a test of its own.
            if (!(brute.LeastContextVariance() >= 2 * GreedyDpp.Epsilon))
                return;
            var (picks, gains, result) = Run(new GreedyDpp(), vectors, c.Dimension, quality, context, c.Picks, c.Window);
            Assert.Equal(Math.Min(c.Picks, c.Count), result.Count);
            Assert.Equal(picks.Length, picks.Distinct().Count());
            var chosen = new List<int>();
            var worst = new double[c.Count];
            for (var step = 0; step < result.Count; step++)
            {
                var left = Enumerable.Range(0, c.Count).Except(chosen).ToArray();
                var exact = new double[c.Count];
                foreach (var i in left)
                {
                    (exact[i], var sensitivity) = brute.VarianceAfter(chosen, i);
                    worst[i] = Math.Max(worst[i], sensitivity);
                }
                if (step == result.Honest)
                {
                    Assert.All(left, i => Assert.InRange(exact[i], 0, GreedyDpp.Epsilon + (EntryError * worst[i])));
                    break;
                }
                var pick = picks[step];
                var squared = (double)quality[pick] * quality[pick];
                Assert.Equal(exact[pick], Math.Exp(gains[step]) / squared, EntryError * worst[pick]);
                foreach (var i in left)
                {
                    var other = (double)quality[i] * quality[i];
                    var error = EntryError * ((squared * worst[pick]) + (other * worst[i]));
                    if (exact[i] > GreedyDpp.Epsilon + (EntryError * worst[i]))
                        Assert.InRange(exact[i] * other, 0, (exact[pick] * squared) + error);
                }
                chosen.Add(pick);
            }
        }, iter: 500);
    }

    [Fact]
    public void Picks_equal_brute_force_wherever_no_two_candidates_are_nearly_tied()
    {
        var dpp = new GreedyDpp();
        var compared = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var window = (int[])[0, 1, 2, 3, 5, 10];
            var vectors = Lengths.Unit(60, 16, seed);
            var quality = Qualities(60, 0.7f, seed);
            var context = Lengths.Unit(seed % 4 * 2, 16, seed + 1000);
            var w = window[seed % window.Length];
            var picks = w == 0 ? 10 : 30;
            var brute = new BruteForceDpp(vectors, 16, quality, context, w).Run(picks, GreedyDpp.Epsilon);
            if (brute.Margin < 1e-4)
                continue;
            compared++;
            var (picked, gains, result) = Run(dpp, vectors, 16, quality, context, picks, w);
            Assert.Equal(brute.Picks, picked);
            Assert.Equal(picks, result.Honest);
            for (var i = 0; i < picks; i++)
                Assert.Equal(brute.Gains[i], gains[i], 1e-3);
        }
        Assert.InRange(compared, 45, 60);
    }

    [Fact]
    public void A_long_windowed_run_does_not_drift_from_brute_force()
    {
        var vectors = Lengths.Unit(600, 24, 8);
        var quality = Qualities(600, 0.5f, 8);
        var brute = new BruteForceDpp(vectors, 24, quality, [], 12);
        var (picked, gains, result) = Run(new GreedyDpp(), vectors, 24, quality, [], 500, 12);
        Assert.Equal(500, result.Honest);
        for (var step = 0; step < 500; step += 7)
        {
            var pick = picked[step];
            var exact = Math.Log(brute.VarianceAfter(picked[..step], pick).Value) + (2 * Math.Log(quality[pick]));
            Assert.Equal(exact, gains[step], 1e-4);
        }
    }

    [Fact]
    public void A_page_that_continues_another_equals_one_long_page()
    {
        const int D = 32;
        var vectors = Lengths.Unit(200, D, 5);
        var quality = Qualities(200, 0.6f, 5);
        var whole = Run(new GreedyDpp(), vectors, D, quality, [], 40, 8);
        var rest = Enumerable.Range(0, 200).Except(whole.Picks[..20]).ToArray();
        float[] restVectors = [.. rest.SelectMany(i => vectors[(i * D)..((i + 1) * D)])];
        float[] served = [.. whole.Picks[..20].SelectMany(i => vectors[(i * D)..((i + 1) * D)])];
        var second = Run(new GreedyDpp(), restVectors, D, [.. rest.Select(i => quality[i])], served, 20, 8);
        Assert.Equal(whole.Picks[20..], second.Picks.Select(i => rest[i]));
        for (var i = 0; i < 20; i++)
            Assert.Equal(whole.Gains[20 + i], second.Gains[i], 1e-4);
    }

    [Fact]
    public void Past_the_rank_the_rest_is_filled_by_quality_and_says_so()
    {
        var vectors = Lengths.Unit(1000, 64, 11);
        var quality = Qualities(1000, 0.3f, 11);
        quality[17] = quality[800] = 0.5f;
        var (picked, gains, result) = Run(new GreedyDpp(), vectors, 64, quality, [], 1000, 0);
        Assert.Equal(new DppResult(1000, 65), result);
        Assert.All(gains[..65], gain => Assert.True(double.IsFinite(gain)));
        Assert.All(gains[65..], gain => Assert.True(double.IsNaN(gain)));
        var rest = Enumerable.Range(0, 1000).Except(picked[..65]).OrderByDescending(i => quality[i]).ThenBy(i => i);
        Assert.Equal(rest, picked[65..]);
    }

    [Fact]
    public void With_a_window_below_the_rank_every_pick_is_honest()
    {
        var vectors = Lengths.Unit(500, 16, 12);
        var result = Run(new GreedyDpp(), vectors, 16, Qualities(500, 0.7f, 12), [], 300, 12).Result;
        Assert.Equal(new DppResult(300, 300), result);
    }

    [Fact]
    public void Copies_of_one_work_are_never_chosen_together_while_others_are_left()
    {
        var vectors = Lengths.Unit(12, 16, 6);
        for (var i = 1; i < 8; i++)
            vectors.AsSpan(0, 16).CopyTo(vectors.AsSpan(i * 16));
        var quality = new float[12];
        quality.AsSpan(0, 8).Fill(1000);
        quality.AsSpan(8).Fill(1);
        var (picked, _, result) = Run(new GreedyDpp(), vectors, 16, quality, [], 12, 0);
        Assert.Equal(5, result.Honest);
        Assert.Equal(0, picked[0]);
        Assert.All(picked[1..5], i => Assert.InRange(i, 8, 11));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], picked[5..]);
    }

    [Fact]
    public void A_repeated_context_work_still_counts_when_its_original_leaves_the_window()
    {
        var vectors = Lengths.Unit(3, 16, 9);
        float[] a = [.. vectors[..16]];
        float[] b = [.. vectors[16..32]];
        // The first pick is conditioned on b, a, a; the second on a, a and the first; the copy of a is refused by both, b's only by the first.
        var (picked, _, result) = Run(new GreedyDpp(), vectors, 16, [50, 1, 1], [.. a, .. b, .. a, .. a], 2, 4);
        Assert.Equal(2, result.Honest);
        Assert.Equal(2, picked[0]);
        Assert.Equal(1, picked[1]);
    }

    [Fact]
    public void Equal_candidates_are_picked_in_order_of_position()
    {
        const int N = 70;
        var vectors = new float[N * N];
        for (var i = 0; i < N; i++)
            vectors[(i * N) + i] = 1;
        var quality = new float[N];
        Array.Fill(quality, 2f);
        Assert.Equal(Enumerable.Range(0, N), Run(new GreedyDpp(), vectors, N, quality, [], N, 1).Picks);
        Assert.Equal([0, 1, 2], Run(new GreedyDpp(), vectors, N, quality, [], 3, 2).Picks);
    }

    [Fact]
    public void Only_the_range_of_qualities_that_float_squares_hold_limits_the_trade_off()
    {
        var vectors = Lengths.Unit(50, 16, 2);
        var quality = Qualities(50, 0.98f, 2);
        var brute = new BruteForceDpp(vectors, 16, quality, [], 4).Run(50, GreedyDpp.Epsilon);
        Assert.Equal(brute.Picks, Run(new GreedyDpp(), vectors, 16, quality, [], 50, 4).Picks);
        float[] extreme = [1e-30f, 1e30f, 1f];
        Assert.Equal(3, Run(new GreedyDpp(), Lengths.Unit(3, 16, 2), 16, extreme, [], 3, 0).Result.Honest);
    }

    [Fact]
    public void A_vector_that_is_not_a_number_is_left_for_the_remainder_and_harms_nobody()
    {
        var vectors = Lengths.Unit(30, 16, 4);
        var quality = Qualities(30, 0.5f, 4);
        vectors.AsSpan(5 * 16, 16).Fill(float.NaN);
        quality[5] = 100;
        var context = Lengths.Unit(2, 16, 5);
        context[3] = float.NaN;
        var (picked, gains, result) = Run(new GreedyDpp(), vectors, 16, quality, context, 30, 5);
        Assert.Equal(new DppResult(30, 29), result);
        Assert.Equal(5, picked[29]);
        Assert.All(gains[..29], gain => Assert.True(double.IsFinite(gain)));
    }

    [Fact]
    public void Quality_is_the_trade_off_of_the_paper()
    {
        Assert.Equal(1f, GreedyDpp.Quality(0.5f, 0));
        Assert.Equal(1f, GreedyDpp.Quality(0, 0.9f));
        Assert.Equal(Math.Exp(0.7 / 0.6 * 0.25), GreedyDpp.Quality(0.25f, 0.7f), 1e-6);
        Assert.True(float.IsFinite(GreedyDpp.Quality(1, 0.98f)));
        foreach (var (relevance, theta) in ((float, float)[])[(-0.1f, 0.5f), (1.1f, 0.5f), (float.NaN, 0.5f), (0.5f, 0.99f), (0.5f, -0.1f), (0.5f, float.NaN)])
            Assert.Throws<ArgumentOutOfRangeException>(() => GreedyDpp.Quality(relevance, theta));
    }

    [Fact]
    public void Misuse_is_refused_and_asking_for_nothing_is_not()
    {
        var dpp = new GreedyDpp();
        var picked = new int[2];
        var gains = new double[2];
        Assert.Equal(default, dpp.Select([], 4, [], 5, 0, [], []));
        Assert.Equal(default, dpp.Select([1f], 1, [1f], 0, 0, [], []));
        Assert.Throws<ArgumentOutOfRangeException>("dimension", () => dpp.Select([1f], 0, [1f], 1, 0, picked, gains));
        Assert.Throws<ArgumentOutOfRangeException>("picks", () => dpp.Select([1f], 1, [1f], -1, 0, picked, gains));
        Assert.Throws<ArgumentOutOfRangeException>("window", () => dpp.Select([1f], 1, [1f], 1, -1, picked, gains));
        Assert.Throws<ArgumentException>("vectors", () => dpp.Select([1f], 2, [1f], 1, 0, picked, gains));
        Assert.Throws<ArgumentException>("contextVectors", () => dpp.Select([1f], 1, [1f], [1f], [], 1, 0, picked, gains));
        Assert.Throws<ArgumentException>("picked", () => dpp.Select([1f, 1f, 1f], 1, [1f, 1f, 1f], 3, 0, picked, gains));
        foreach (var bad in (float[])[0, -1, float.NaN, float.PositiveInfinity])
            Assert.Throws<ArgumentOutOfRangeException>("quality", () => dpp.Select([1f], 1, [bad], 1, 0, picked, gains));
    }

    [Fact]
    public void A_workspace_gives_the_same_answer_whatever_it_did_before_and_allocates_nothing_once_warm()
    {
        var used = new GreedyDpp();
        Run(used, Lengths.Unit(300, 8, 1), 8, Qualities(300, 0.2f, 1), Lengths.Unit(7, 8, 2), 100, 0);
        var vectors = Lengths.Unit(90, 48, 3);
        var quality = Qualities(90, 0.7f, 3);
        var fresh = Run(new GreedyDpp(), vectors, 48, quality, [], 60, 6);
        var again = Run(used, vectors, 48, quality, [], 60, 6);
        Assert.Equal(fresh.Picks, again.Picks);
        Assert.Equal(fresh.Gains, again.Gains);

        var picked = new int[90];
        var gains = new double[90];
        Assert.Equal(0, Allocations.AfterWarmUp(() => used.Select(vectors, 48, quality, 90, 6, picked, gains)));
        // Unbounded on 48 dimensions, so that the remainder is filled too.
        Assert.Equal(0, Allocations.AfterWarmUp(() => used.Select(vectors, 48, quality, 90, 0, picked, gains)));
    }
}
