using System.Text.Json;
using CsCheck;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Tests.Scenes;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class RecallSceneTests
{
    [Fact]
    public void What_travels_is_the_scene_whole() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var document = SampleScenes.Random(seed);
        var scene = new EffectiveScene(document, 1);
        var read = RecallScene.Parse(scene.RecallUtf8);
        Assert.Equal(scene.RecallUtf8, read.ToUtf8());
        foreach (var channel in Enum.GetValues<RecallChannel>())
            Assert.Equal(document.Recall.Of(channel), read.Recall.Of(channel));
        Assert.Equal(document.Discovery.AgeWindowDays, read.Discovery.AgeWindowDays);
        Assert.Equal(document.Discovery.ColdStart, read.Discovery.ColdStart);
        Assert.Equal(document.PreRank.Calibration.Tones.Order(), read.Calibration.Tones.Order());
        Assert.Equal(document.PreRank.Calibration.Freshness, read.Calibration.Freshness);
    }, iter: 200);

    [Fact]
    public void A_member_that_another_version_added_is_skipped() =>
        Assert.Equal(5, RecallScene.Parse("""{"discovery":{"new":1},"recall":{"hot":{"quota":5,"later":[2]}},"calibration":{},"extra":{}}"""u8.ToArray()).Recall.Hot.Quota);

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("[]")]
    public void Anything_else_is_refused(string json) => Assert.Throws<JsonException>(() => RecallScene.Parse(System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_admission_that_is_no_filter_is_refused() =>
        Assert.Throws<FormatException>(() => RecallScene.Parse("""{"discovery":{},"recall":{},"calibration":{},"admission":{"field":"nope","eq":1}}"""u8.ToArray()));
}
