using CsCheck;
using KgOrleans.Kernels.TopK;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class TopKStreamTests
{
    private static readonly float[] Special =
        [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, 1f, -1f, float.Epsilon, float.MaxValue, float.MinValue];

    private static readonly Gen<float[]> Scores =
        Gen.OneOf(Gen.Int[0, Special.Length - 1].Select(i => Special[i]), Gen.Float[-2, 2]).Array[0, 4000];

    [Fact]
    public void Any_cut_of_a_stream_into_calls_keeps_what_sorting_keeps()
    {
        Gen.Select(Scores, Gen.Int[1, 900], Gen.ULong[1, 500], Gen.Int[0, 1_000_000]).Sample((scores, k, distinctKeys, seed) =>
        {
            var random = new Random(seed);
            var keys = new ulong[scores.Length];
            foreach (ref var key in keys.AsSpan())
                key = (ulong)random.NextInt64() % distinctKeys;
            var eligible = new ulong[(scores.Length + 63) / 64];
            foreach (ref var word in eligible.AsSpan())
                word = (ulong)random.NextInt64() << random.Next(3);
            var stream = new TopKStream(k);
            for (var from = 0; from < scores.Length;)
            {
                var count = Math.Min(scores.Length - from, 64 * random.Next(1, 12));
                var part = scores.AsSpan(from, count);
                var partKeys = keys.AsSpan(from, count);
                switch (random.Next(3))
                {
                    case 0:
                        stream.Offer(part, partKeys, from, eligible.AsSpan(from / 64));
                        break;
                    case 1:
                        for (var i = from; i < from + count; i++)
                        {
                            if (Has(eligible, i))
                                stream.Offer(scores[i], i, keys[i]);
                        }
                        break;
                    default:
                        int[] rows = [.. Enumerable.Range(from, count).Where(i => Has(eligible, i))];
                        stream.Offer([.. rows.Select(i => scores[i])], [.. rows.Select(i => keys[i])], rows);
                        break;
                }
                from += count;
            }
            int[] expected = [.. Enumerable.Range(0, scores.Length).Where(i => !float.IsNaN(scores[i]) && Has(eligible, i))
                .OrderByDescending(i => scores[i]).ThenBy(i => keys[i]).ThenBy(i => i).Take(k)];
            var found = new int[k];
            var foundScores = new float[k];
            var foundKeys = new ulong[k];
            var kept = stream.Complete(found, foundScores, foundKeys);
            Assert.Equal(expected, found[..kept]);
            Assert.Equal(expected.Select(i => scores[i]), foundScores[..kept]);
            Assert.Equal(expected.Select(i => keys[i]), foundKeys[..kept]);
        }, iter: 400);
    }

    [Fact]
    public void The_threshold_rises_only_to_scores_that_cannot_lose()
    {
        var stream = new TopKStream(10);
        var random = new Random(3);
        var offered = new List<float>();
        var before = float.NegativeInfinity;
        for (var i = 0; i < 5000; i++)
        {
            offered.Add(random.NextSingle());
            stream.Offer(offered[^1], i, (ulong)i);
            Assert.True(stream.Threshold >= before);
            before = stream.Threshold;
        }
        Assert.True(before > 0.9f);
        Assert.True(before <= offered.Order().ElementAt(offered.Count - 10));
    }

    [Fact]
    public void A_stream_forgets_when_it_is_reset_and_allocates_nothing_once_warm()
    {
        var scores = Lengths.Random(20_000, 1);
        var ties = new float[20_000];
        var keys = new ulong[20_000];
        var found = new int[700];
        var stream = new TopKStream(700);
        Assert.Equal(0, Allocations.AfterWarmUp(() =>
        {
            foreach (var offered in (ReadOnlySpan<float[]>)[scores, ties])
            {
                stream.Reset(700);
                stream.Offer(offered, keys, 0);
                stream.Complete(found);
            }
        }));
        Assert.Equal(Enumerable.Range(0, 700), found);
        stream.Reset(2);
        stream.Offer(1f, 8, 9);
        Assert.Equal(1, stream.Complete(found));
        Assert.Equal(8, found[0]);
    }

    [Fact]
    public void Without_keys_ties_go_by_row_and_a_floor_keeps_out_what_lies_below()
    {
        Gen.Select(Scores, Gen.Int[1, 900], Gen.Float[-2, 2]).Sample((scores, k, floor) =>
        {
            var eligible = new ulong[(scores.Length + 63) / 64];
            Array.Fill(eligible, 0xF0F1_F2F3_F4F5_F6F7);
            var stream = new TopKStream(1);
            stream.Reset(k, floor);
            stream.Offer(scores, default, 0, eligible);
            var reached = Enumerable.Range(0, scores.Length).Where(i => scores[i] >= floor && Has(eligible, i));
            int[] expected = [.. reached.OrderByDescending(i => scores[i]).ThenBy(i => i).Take(k)];
            var (found, foundScores) = (new int[k], new float[k]);
            var kept = stream.CompleteUnsorted(found, foundScores);
            Assert.Equal(expected.Order(), found[..kept].Order());
            Assert.All(Enumerable.Range(0, kept), i => Assert.Equal(scores[found[i]], foundScores[i]));
        }, iter: 200);
    }

    [Fact]
    public void Misuse_is_refused_and_loses_nothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>("k", () => new TopKStream(0));
        var stream = new TopKStream(2);
        Assert.Throws<ArgumentOutOfRangeException>("k", () => stream.Reset(-1));
        Assert.Throws<ArgumentException>("keys", () => stream.Offer([1f], [1, 2], 0));
        Assert.Throws<ArgumentException>("keys", () => stream.Offer([1f], [1], (ReadOnlySpan<int>)[]));
        Assert.Throws<ArgumentException>("eligible", () => stream.Offer(new float[65], new ulong[65], 0, new ulong[1]));
        stream.Offer([1f, 2f], [1, 2], 0);
        Assert.Throws<ArgumentException>("rows", () => stream.Complete(new int[1]));
        Assert.Throws<ArgumentException>("rows", () => stream.Complete(new int[2], new float[1]));
        Assert.Equal(2, stream.Complete(new int[2]));
    }

    private static bool Has(ulong[] bitmap, int i) => (bitmap[i / 64] >> (i % 64) & 1) != 0;
}
