using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class RecallChannelsTests
{
    [Fact]
    public void Names_stand_in_answers_and_scene_documents_and_follow_the_positions_in_replies()
    {
        Assert.Equal(RecallChannels.Count, Enum.GetValues<RecallChannel>().Length);
        string[] names = ["model", "index", "hot", "social", "fresh", "region", "continue", "similar"];
        Assert.Equal(names, Enumerable.Range(0, RecallChannels.Count).Select(RecallChannels.NameOf));
        Assert.All(Enum.GetValues<RecallChannel>(), channel => Assert.Equal(RecallChannels.NameOf((int)channel), RecallChannels.NameOf(channel)));
    }
}
