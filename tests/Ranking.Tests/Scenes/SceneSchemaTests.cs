using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Json.Schema;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Tests.Scenes;

[Trait("Suite", "Unit")]
public sealed class SceneSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(SceneSchema.Create().ToJsonString());

    [Fact]
    public void Built_in_scenes_and_random_valid_documents_conform()
    {
        Assert.All(BuiltInScenes.All.Values, scene => Assert.True(Conforms(scene)));
        Assert.True(Conforms(SampleScenes.Full));
        Gen.Int[0, int.MaxValue].Sample(seed => Conforms(SampleScenes.Random(seed)), iter: 200);
    }

    [Theory]
    [InlineData("recall.hot.quota", "-1")]
    [InlineData("recall.hot.quota", "200001")]
    [InlineData("recall.hot.quota", "1.5")]
    [InlineData("reRank.theta", "1")]
    [InlineData("preRank.theta", "0.99")]
    [InlineData("preRank.ranker", "\"magic\"")]
    [InlineData("preRank.fallback", "\"towers\"")]
    [InlineData("preRank.colour", "1")]
    [InlineData("colour", "\"red\"")]
    [InlineData("recall", "null")]
    [InlineData("discovery.kinds", "[\"mp3\"]")]
    [InlineData("discovery.kinds", "[\"audio\",\"audio\"]")]
    [InlineData("discovery.kinds", "[]")]
    [InlineData("discovery.filter", """{"field":"nope","eq":1}""")]
    [InlineData("discovery.filter", """{"all":[{"field":"kind","eq":"mp3"}]}""")]
    [InlineData("discovery.filter", """{"field":"quality"}""")]
    [InlineData("discovery.filter", """{"field":"tags","gt":1}""")]
    [InlineData("traffic[0].filter", "null")]
    [InlineData("contextKeys", "[\"a b\"]")]
    [InlineData("contextKeys", "[\"mood\"]")]
    [InlineData("contextKeys", "[\"hour\",\"hour\"]")]
    [InlineData("scene", "\"a/b\"")]
    [InlineData("preRank.weights", "{\"play\":-1}")]
    [InlineData("preRank.weights", "{\"a b\":1}")]
    [InlineData("reRank.rules[0].field", "\"itemId\"")]
    [InlineData("reRank.rules[0].field", "null")]
    [InlineData("reRank.rules[0].filter", """{"field":"kind","eq":"live"}""")]
    [InlineData("reRank.shares[0].filter", """{"field":"kind","eq":"live"}""")]
    [InlineData("reRank.pins[0].position", "100")]
    public void What_breaks_a_limit_does_not_conform(string path, string json) => Assert.False(Conforms(SampleScenes.With(path, json)));

    [Fact]
    public void A_channel_without_its_quota_does_not_conform() => Assert.False(Conforms(JsonNode.Parse("""{"scene":"a","recall":{"hot":{"weight":2}}}""")!));

    [Fact]
    public void A_document_may_leave_everything_but_its_name_to_the_defaults() => Assert.True(Conforms(JsonNode.Parse("""{"scene":"a"}""")!));

    [Fact]
    public void Every_member_is_described()
    {
        var missing = new List<string>();
        Visit("", SceneSchema.Create(), missing);
        Assert.Empty(missing);
    }

    private static void Visit(string path, JsonObject schema, List<string> missing)
    {
        foreach (var (name, member) in (JsonObject?)schema["properties"] ?? [])
        {
            if (member?["description"]?.GetValue<string>() is not { Length: > 0 })
                missing.Add($"{path}.{name}");
            Visit($"{path}.{name}", (JsonObject)member!, missing);
        }
        if (schema["items"] is JsonObject items)
            Visit($"{path}[]", items, missing);
    }

    private static bool Conforms(SceneDocument document) => Conforms(JsonSerializer.SerializeToNode(document, KgJson.Options)!);

    private static bool Conforms(JsonNode document) => Schema.Evaluate(JsonSerializer.SerializeToElement(document)).IsValid;
}
