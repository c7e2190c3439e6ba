using KgOrleans.Grains.Recommend;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class DppWorkspacesTests
{
    [Theory]
    [InlineData(DiversityMethod.Dpp)]
    [InlineData(DiversityMethod.Mmr)]
    [InlineData(DiversityMethod.Scatter)]
    [InlineData(DiversityMethod.None)]
    public void Every_method_picks_distinct_works_that_weights_lift_and_served_works_hold_back(DiversityMethod method)
    {
        var block = ItemColumns.Block(SampleCatalogue.Items(80), 32, 0);
        float[] relevance = [.. Enumerable.Range(0, 80).Select(i => 1 - (i / 80f))];
        float[] weights = [.. Enumerable.Range(0, 80).Select(i => i == 60 ? 9f : 1)];
        var workspaces = new DppWorkspaces();
        DiversePicks Select(ItemBlock? served = null, float[]? given = null) => workspaces.Select(block, relevance, 0.8f, 30, 6, served, given, method);

        var plain = Select();
        Assert.Equal(30, plain.Order.Distinct().Count());
        Assert.Equal(plain.Order, Select().Order);
        Assert.True(Position(60, Select(given: weights)) < Position(60, plain));
        if (method is DiversityMethod.None)
        {
            Assert.Equal(Enumerable.Range(0, 30), plain.Order);
            return;
        }
        Assert.Contains(plain.Gains, g => g is not null);
        var first = new ItemBlock(1, 32, 0);
        first.CopyRow(0, block, plain.Order[0]);
        Assert.NotEqual(plain.Order[0], Select(first).Order[0]);
    }

    private static int Position(int work, DiversePicks picks) => Array.IndexOf(picks.Order, work) is >= 0 and var at ? at : int.MaxValue;
}
