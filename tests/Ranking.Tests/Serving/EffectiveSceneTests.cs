using System.Text;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Ranking.Tests.Serving;

[Trait("Suite", "Unit")]
public sealed class EffectiveSceneTests
{
    private static readonly EffectiveScene Scene = new(new SceneDocument { Scene = "a", ContextKeys = ["device", "hour"] }, 1);

    [Theory]
    [InlineData(null, "")]
    [InlineData("{}", "")]
    [InlineData("""{"hour":3,"device":"phone"}""", "")]
    [InlineData("""{"hour":3,"mood":"sad","city":"GD"}""", "context.mood,context.city")]
    public void A_context_holds_what_the_scene_declares(string? context, string refused) =>
        Assert.Equal(refused, string.Join(',', Scene.CheckContext(context is null ? null : Encoding.UTF8.GetBytes(context)).Select(e => e.Field)));
}
