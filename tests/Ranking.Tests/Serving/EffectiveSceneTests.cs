using System.Text.Json;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Ranking.Tests.Serving;

[Trait("Suite", "Unit")]
public sealed class EffectiveSceneTests
{
    private static readonly EffectiveScene Scene = new(new SceneDocument { Scene = "a", ContextKeys = ["device", "hour"] }, 1);

    [Theory]
    [InlineData("null", "")]
    [InlineData("{}", "")]
    [InlineData("""{"hour":3,"device":"phone"}""", "")]
    [InlineData("""{"hour":3,"songId":"s1","city":"GD"}""", "context.city,context.songId")]
    public void A_context_holds_what_the_scene_declares(string context, string refused) =>
        Assert.Equal(refused, string.Join(',', Scene.CheckContext(JsonSerializer.Deserialize<ServingContext>(context, KgJson.Options)).Select(e => e.Field)));

    [Fact]
    public void Scenes_can_declare_every_member_of_a_context_and_no_other()
    {
        var full = new ServingContext { City = "GD", SongId = "s1", Hour = 0, Device = "phone" };
        Assert.Equal(SceneLimits.ContextKeys, full.Names());
        Assert.Equal(SceneLimits.ContextKeys.Order(), JsonSerializer.SerializeToElement(full, KgJson.Options).EnumerateObject().Select(m => m.Name).Order());
    }
}
