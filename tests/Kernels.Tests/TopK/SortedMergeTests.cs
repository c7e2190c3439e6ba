using CsCheck;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class SortedMergeTests
{
    [Fact]
    public void Merging_sorted_lists_equals_sorting_their_union()
    {
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 400], Gen.Int[0, 1_000_000]).Sample((lists, k, seed) =>
        {
            var random = new Random(seed);
            var scores = new List<float>();
            var keys = new List<ulong>();
            var ends = new int[lists];
            for (var list = 0; list < lists; list++)
            {
                var entries = Enumerable.Range(0, random.Next(60))
                    .Select(_ => (Score: random.Next(5) == 0 ? float.NegativeInfinity : random.Next(20) - 10f, Key: (ulong)random.Next(15)))
                    .OrderByDescending(x => x.Score).ThenBy(x => x.Key).ToArray();
                scores.AddRange(entries.Select(x => x.Score));
                keys.AddRange(entries.Select(x => x.Key));
                ends[list] = scores.Count;
            }
            var picked = new int[k];
            var count = SortedMerge.Best([.. scores], [.. keys], ends, new long[lists], picked);
            Assert.Equal(Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).ThenBy(i => keys[i]).ThenBy(i => i).Take(k), picked[..count]);
        });
    }

    [Fact]
    public void Misuse_is_refused_and_merging_allocates_nothing()
    {
        Assert.Throws<ArgumentException>("keys", () => SortedMerge.Best([1f], [], [1], new long[1], new int[1]));
        Assert.Throws<ArgumentException>("heap", () => SortedMerge.Best([1f], [1], [1], [], new int[1]));
        Assert.Throws<ArgumentException>("ends", () => SortedMerge.Best([1f], [1], [2], new long[1], new int[1]));
        Assert.Throws<ArgumentException>("ends", () => SortedMerge.Best([1f, 0f], [1, 1], [1], new long[1], new int[1]));
        Assert.Throws<ArgumentException>("ends", () => SortedMerge.Best([1f, 0f], [1, 1], [2, 1], new long[2], new int[1]));
        float[] scores = [3, 1, 2];
        ulong[] keys = [1, 2, 3];
        int[] ends = [2, 3];
        var heap = new long[2];
        var picked = new int[3];
        Assert.Equal(0, Allocations.AfterWarmUp(() => SortedMerge.Best(scores, keys, ends, heap, picked)));
        Assert.Equal([0, 2, 1], picked);
    }
}
