using CsCheck;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;

namespace KgOrleans.Ranking.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class FusionTests
{
    private static readonly Gen<float> Score = Gen.Double[-30, 30].Select(x => (float)x);

    [Fact]
    public void The_logistic_function_has_its_limits()
    {
        Assert.Equal(0f, Fusion.Sigmoid(float.MinValue));
        Assert.Equal(0.5f, Fusion.Sigmoid(0));
        Assert.Equal(1f, Fusion.Sigmoid(float.MaxValue));
    }

    [Fact]
    public void Relevance_runs_from_zero_to_one_and_keeps_the_order() => Score.Array[1, 20].Sample(scores =>
    {
        var relevance = scores.ToArray();
        Fusion.ToRelevance(relevance);
        Assert.Equal(1f, relevance.Max());
        Assert.Equal(scores.Min() == scores.Max() ? 1f : 0f, relevance.Min());
        for (var i = 1; i < scores.Length; i++)
            Assert.False(scores[i] > scores[i - 1] && relevance[i] < relevance[i - 1]);
    });

    [Fact]
    public void Relevance_of_equal_scores_is_one_and_of_none_is_none()
    {
        float[] equal = [3, 3];
        Fusion.ToRelevance(equal);
        Assert.Equal([1f, 1f], equal);
        Fusion.ToRelevance([]);
    }

    [Fact]
    public void Works_are_ordered_by_score_then_key_without_those_that_have_none() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 9].Select(i => i / 9f), Gen.Const(float.NaN)), Gen.ULong).Array[0, 60].Sample(works =>
        {
            works = [.. works.DistinctBy(w => w.Item2)];
            var rows = works.Select(w => new ItemRow { Key = w.Item2 }).ToArray();
            var expected = Enumerable.Range(0, works.Length).Where(i => !float.IsNaN(works[i].Item1)).OrderByDescending(i => works[i].Item1).ThenBy(i => works[i].Item2);
            Assert.Equal(expected, ScoreOrder.Of(rows, [.. works.Select(w => w.Item1)]));
        }, iter: 500);
}
