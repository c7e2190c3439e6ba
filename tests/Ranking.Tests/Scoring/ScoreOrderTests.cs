using CsCheck;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scoring;

namespace KgOrleans.Ranking.Tests.Scoring;

[Trait("Suite", "Unit")]
public sealed class ScoreOrderTests
{
    [Fact]
    public void Items_are_ordered_by_score_then_key_without_those_that_have_none() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 9].Select(i => i / 9f), Gen.Const(float.NaN)), Gen.ULong).Array[0, 60].Sample(items =>
        {
            items = [.. items.DistinctBy(w => w.Item2)];
            var rows = items.Select(w => new ItemRow { Key = w.Item2 }).ToArray();
            var expected = Enumerable.Range(0, items.Length).Where(i => !float.IsNaN(items[i].Item1)).OrderByDescending(i => items[i].Item1)
                .ThenBy(i => items[i].Item2);
            Assert.Equal(expected, ScoreOrder.Of(rows, [.. items.Select(w => w.Item1)]));
        }, iter: 500);
}
