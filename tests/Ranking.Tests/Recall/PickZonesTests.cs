using CsCheck;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class PickZonesTests
{
    private static readonly float[] Special =
        [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, 1f, -1f, float.Epsilon, float.MaxValue, float.MinValue];

    private static readonly Gen<float[]> Scores =
        Gen.OneOf(Gen.Int[0, Special.Length - 1].Select(i => Special[i]), Gen.Float[-2, 2], Gen.Int[0, 5].Select(i => (float)i)).Array[0, 500];

    [Fact]
    public void The_kth_score_and_place_are_those_that_sorting_finds() => Gen.Select(Scores, Gen.Int[1, 600], Gen.Int).Sample((scores, k, seed) =>
    {
        var zones = new PickZones();
        var random = new Random(seed);
        // Keys that share their first digits, and keys that do not.
        var keys = Enumerable.Range(0, scores.Length).Select(i => random.Next(2) == 0 ? (ulong)i : (ulong)random.NextInt64() << 1).Distinct().ToArray();
        if (keys.Length < scores.Length)
            return;
        var order = Enumerable.Range(0, scores.Length).Where(i => !float.IsNaN(scores[i])).OrderByDescending(i => scores[i]).ThenBy(i => keys[i]).ToArray();
        var expected = k <= order.Length ? new ScoreBound(scores[order[k - 1]] + 0f, keys[order[k - 1]]) : ScoreBound.Worst;
        Assert.Equal(expected.Score, zones.KthScore(scores, k));
        if (!float.IsNegativeInfinity(expected.Score))
            Assert.Equal(expected, zones.KthPlace(scores, new KnownKeys(keys), k));
    }, iter: 2_000);
}
