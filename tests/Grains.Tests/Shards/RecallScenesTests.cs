using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Tests.Shards;

[Trait("Suite", "Unit")]
public sealed class RecallScenesTests
{
    [Fact]
    public void A_version_is_compiled_once_whatever_array_brings_it()
    {
        var scenes = new RecallScenes();
        var scene = scenes.Of(Scene(7));
        Assert.Same(scene, scenes.Of(Scene(7)));
        Assert.NotSame(scene, scenes.Of(Scene(8)));
        Assert.Equal(8, scenes.Of(Scene(8)).Recall.Model.Quota);
        Assert.Equal(2, scenes.Count);
    }

    [Fact]
    public void Nothing_stands_for_the_default() => Assert.Same(RecallScene.Default, new RecallScenes().Of([]));

    [Fact]
    public void Versions_are_bounded_and_those_that_were_dropped_are_read_again()
    {
        var scenes = new RecallScenes();
        for (var quota = 1; quota <= 3 * RecallScenes.Kept; quota++)
        {
            Assert.Equal(quota, scenes.Of(Scene(quota)).Recall.Model.Quota);
            Assert.InRange(scenes.Count, 1, RecallScenes.Kept);
        }
        Assert.Equal(1, scenes.Of(Scene(1)).Recall.Model.Quota);
    }

    [Fact]
    public async Task Readers_at_the_same_time_get_the_scene_that_they_asked_for()
    {
        var scenes = new RecallScenes();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 2_000; i++)
            {
                var quota = random.Next(1, 2 * RecallScenes.Kept);
                Assert.Equal(quota, scenes.Of(Scene(quota)).Recall.Model.Quota);
            }
        }, TestContext.Current.CancellationToken)));
    }

    private static byte[] Scene(int quota) =>
        new RecallScene(new DiscoverySettings(), new RecallSettings { Model = new ChannelSettings { Quota = quota } }, new PreRankCalibration(), null).ToUtf8();
}
