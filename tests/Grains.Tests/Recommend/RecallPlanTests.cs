using KgOrleans.Grains.Recommend;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class RecallPlanTests
{
    private static readonly SceneDocument Scene = new()
    {
        Scene = "s",
        DeadlineMs = 500,
        Recall = new RecallSettings { Hot = new HotSettings { Quota = 50, TimeoutMs = 40 } },
    };

    [Theory]
    [InlineData(null, 40)]
    [InlineData(100, 40)]
    [InlineData(500, 40)]
    [InlineData(2_000, 160)]
    public void A_patient_caller_gives_every_channel_more_time_and_a_hasty_one_no_less(int? timeoutMs, int expected)
    {
        var request = StageBench.Request(Scene, change: c => c with { TimeoutMs = timeoutMs });
        var query = RecallPlan.QueryOf(request, RecallPlan.MergeOf(request, shards: 8), null);
        Assert.Equal(expected, query.TimeoutsMs[(int)RecallChannel.Hot]);
    }
}
