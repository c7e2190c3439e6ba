using CsCheck;
using KgOrleans.Kernels.TopK;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class TopKSelectionTests
{
    private static int[] Expected(float[] scores, ulong[] keys, int k) =>
        [.. Enumerable.Range(0, scores.Length).Where(i => !float.IsNaN(scores[i]))
            .OrderByDescending(i => scores[i]).ThenBy(i => keys[i]).ThenBy(i => i).Take(k)];

    private static int[] Picks(float[] scores, ulong[] keys, int k)
    {
        var picked = new int[Math.Min(k, scores.Length)];
        var count = TopKSelection.Select(scores, keys, k, picked);
        return picked[..count];
    }

    private static void AssertEqualsSorting(float[] scores, ulong[] keys, int k) => Assert.Equal(Expected(scores, keys, k), Picks(scores, keys, k));

    [Fact]
    public void Every_length_equals_sorting()
    {
        var random = new Random(1);
        foreach (var n in Lengths.AroundWidths)
        {
            var keys = new ulong[n];
            foreach (ref var key in keys.AsSpan())
                key = (ulong)random.NextInt64();
            foreach (var k in (int[])[1, 2, n - 1, n, n + 5])
                AssertEqualsSorting(Lengths.Random(n, n), keys, Math.Max(1, k));
        }
    }

    [Fact]
    public void Few_distinct_scores_and_special_values_equal_sorting()
    {
        float[] values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, 1f, -1f, float.Epsilon, float.MaxValue, float.MinValue];
        var special = Gen.Int[0, values.Length - 1].Select(i => values[i]);
        Gen.Select(Gen.OneOf(special, Gen.Float[-2, 2]).Array[0, 3000], Gen.Int[1, 800], Gen.ULong[1, 500]).Sample((scores, k, distinctKeys) =>
        {
            var keys = new ulong[scores.Length];
            for (var i = 0; i < keys.Length; i++)
                keys[i] = HashOf(i) % distinctKeys;
            AssertEqualsSorting(scores, keys, k);
        }, iter: 400);
    }

    [Fact]
    public void Long_runs_in_every_order_equal_sorting()
    {
        const int N = 20_000;
        var keys = new ulong[N];
        var rising = new float[N];
        for (var i = 0; i < N; i++)
        {
            keys[i] = HashOf(i);
            rising[i] = i;
        }
        var falling = rising.Reverse().ToArray();
        foreach (var k in (int[])[1, 100, 7000, N])
        {
            AssertEqualsSorting(rising, keys, k);
            AssertEqualsSorting(falling, keys, k);
            AssertEqualsSorting(new float[N], keys, k);
            AssertEqualsSorting(new float[N], new ulong[N], k);
            AssertEqualsSorting(Lengths.Random(N, 4), keys, k);
        }
    }

    [Fact]
    public void The_picked_keys_do_not_depend_on_the_order_of_storage()
    {
        var random = new Random(2);
        var scores = new float[5000];
        var keys = new ulong[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = random.Next(40);
            keys[i] = HashOf(i);
        }
        var before = Picks(scores, keys, 300).Select(i => keys[i]).ToArray();
        var order = Enumerable.Range(0, scores.Length).ToArray();
        random.Shuffle(order);
        float[] movedScores = [.. order.Select(i => scores[i])];
        ulong[] movedKeys = [.. order.Select(i => keys[i])];
        Assert.Equal(before, Picks(movedScores, movedKeys, 300).Select(i => movedKeys[i]));
    }

    [Fact]
    public void Nothing_but_not_a_number_picks_nothing() => Assert.Empty(Picks([float.NaN, float.NaN], [1, 2], 2));

    [Fact]
    public void Nothing_outside_the_scores_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Guard pages are mapped with Linux's mmap.");
        using var guarded = new GuardedFloats(512);
        var picked = new int[3];
        foreach (var n in Lengths.AroundWidths)
        {
            foreach (var scores in (Func<int, Span<float>>[])[guarded.AtEnd, guarded.AtStart])
            {
                var span = scores(n);
                span.Fill(1);
                Assert.Equal(Math.Min(3, n), TopKSelection.Select(span, new ulong[n], 3, picked));
            }
        }
    }

    [Fact]
    public void Misuse_is_refused()
    {
        var picked = new int[1];
        Assert.Throws<ArgumentOutOfRangeException>("k", () => TopKSelection.Select([1f], [1], 0, picked));
        Assert.Throws<ArgumentOutOfRangeException>("k", () => TopKSelection.Select([1f], [1], -1, picked));
        Assert.Throws<ArgumentException>("keys", () => TopKSelection.Select([1f], [], 1, picked));
        Assert.Throws<ArgumentException>("picked", () => TopKSelection.Select([1f, 2f], [1, 2], 2, picked));
        Assert.Equal(0, TopKSelection.Select([], [], 5, []));
    }

    [Fact]
    public void Selecting_allocates_nothing()
    {
        var scores = Lengths.Random(10_000, 1);
        var ties = new float[10_000];
        var keys = new ulong[10_000];
        var picked = new int[500];
        Assert.Equal(0, Allocations.AfterWarmUp(() => TopKSelection.Select(scores, keys, 500, picked)));
        Assert.Equal(0, Allocations.AfterWarmUp(() => TopKSelection.Select(ties, keys, 500, picked)));
    }

    private static ulong HashOf(int i) => (ulong)(i + 1) * 0x9E3779B97F4A7C15 >> 7;
}
