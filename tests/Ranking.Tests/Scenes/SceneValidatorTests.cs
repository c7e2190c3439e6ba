using System.Text.Json;
using CsCheck;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Ranking.Tests.Scenes;

[Trait("Suite", "Unit")]
public sealed class SceneValidatorTests
{
    private static readonly string Clauses = $$"""{"any":[{{string.Join(',', Enumerable.Repeat("""{"field":"quality","gt":0.1}""", 10_000))}}]}""";

    public static TheoryData<string, string, string> BrokenMembers()
    {
        var rows = new TheoryData<string, string, string>();
        void Row(string path, string json, string? field = null) => rows.Add(path, json, field ?? path);
        void Range(string path, string below, string above)
        {
            Row(path, below);
            Row(path, above);
        }
        Row("scene", "\"\"");
        Row("scene", "\"a b\"");
        Row("scene", "\"schema\"");
        Row("description", $"\"{new string('x', 501)}\"");
        Range("deadlineMs", "9", "30001");
        Row("contextKeys", "[\"hour\",\"city\",\"device\",\"songId\",\"hour\"]");
        Row("contextKeys", "[\"a b\"]", "contextKeys[0]");
        Row("contextKeys", "[\"hour\",\"mood\"]", "contextKeys[1]");
        Row("contextKeys", "[\"hour\",null]", "contextKeys[1]");
        Row("contextKeys", "[\"hour\",\"city\",\"hour\"]", "contextKeys[2]");
        Row("contextKeys", "null");
        Range("discovery.ageWindowDays", "0", "36501");
        Row("discovery.kinds", "[]");
        Row("discovery.kinds", "[\"audio\",\"audio\"]", "discovery.kinds[1]");
        Range("discovery.minQuality", "-0.1", "1.1");
        Row("discovery.filter", """{"field":"nope","eq":1}""", "discovery.filter.field");
        Row("discovery.filter", Clauses, "discovery.filter.any[63]");
        Range("discovery.creatorCap", "-1", "10001");
        Range("discovery.coldStart.impressions", "0", "1000001");
        Range("discovery.coldStart.days", "0", "36501");
        Range("discovery.coldStart.minQuality", "-0.1", "1.1");
        Row("traffic", $"[{string.Join(',', Enumerable.Repeat("""{"filter":{"field":"kind","eq":"live"},"weight":1}""", 33))}]");
        Row("traffic[0]", "null");
        Row("traffic[1].filter", "null");
        Row("traffic[1].filter", """{"field":"kind","eq":"mp3"}""", "traffic[1].filter.eq");
        Range("traffic[0].weight", "-1", "11");
        Row("traffic[1].weight", "null", "traffic[1]");
        Range("traffic[0].share.least", "-0.1", "1.1");
        Range("traffic[0].share.most", "-0.1", "1.1");
        Row("traffic[0].share", "{}");
        Row("traffic[0].share", """{"least":0.2,"most":0.1}""", "traffic[0].share.least");
        // The second class of the sample has weight 0.
        Row("traffic[1].share", """{"least":0.2}""");
        Row("traffic", $"[{string.Join(',', Enumerable.Repeat("""{"filter":{"field":"kind","eq":"live"},"share":{"least":0.1}}""", 32))}]");
        foreach (var channel in (string[])["model", "index", "hot", "social", "fresh", "region", "continue", "similar"])
        {
            Range($"recall.{channel}.quota", "-1", "200001");
            Range($"recall.{channel}.timeoutMs", "0", "30001");
            Range($"recall.{channel}.weight", "-1", "101");
            Range($"recall.{channel}.minKeep", "-1", "2000");
        }
        Row("recall.hot", "null");
        Row("recall", """{"model":{"quota":200000},"index":{"quota":200000},"hot":{"quota":1,"minKeep":0}}""");
        Row("recall", string.Concat("{",
            string.Join(',', ((string[])["model", "index", "hot", "social", "fresh", "region", "continue", "similar"]).Select(c => $"\"{c}\":{{\"quota\":0}}")), "}"));
        Row("preRank.merge", "100", "recall");
        Range("preRank.weights.play", "-1", "101");
        Row("preRank.weights", "{\"play\":0}");
        Row("preRank.weights", "{\"a b\":1}", "preRank.weights.a b");
        Row("preRank.fallback", "\"towers\"");
        Range("preRank.calibration.freshness", "-101", "101");
        Range("preRank.calibration.freshnessHalfLifeDays", "0", "36501");
        Range("preRank.calibration.quality", "-101", "101");
        Range("preRank.calibration.tones.warm", "-101", "101");
        Range("preRank.calibration.creators.c1", "-101", "101");
        Row("preRank.calibration.tones", $"{{{string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"t{i}\":1"))}}}");
        Row("preRank.calibration.creators", $"{{{string.Join(',', Enumerable.Range(0, 1_001).Select(i => $"\"c{i}\":1"))}}}");
        Range("preRank.merge", "0", "20001");
        Range("preRank.diversePicks", "-1", "1001");
        Row("preRank.diversePicks", "601");
        Range("preRank.window", "0", "65");
        Range("preRank.theta", "-0.01", "1");
        Range("preRank.creatorCap", "0", "10001");
        Range("preRank.keep", "0", "10001");
        Row("preRank.keep", "601");
        Row("preRank.keep", "50", "fineRank.keep");
        Range("fineRank.fusion.product.play", "-1", "101");
        Row("fineRank.fusion.product", "{\"play\":0}");
        Row("fineRank.fusion.product", $"{{{string.Join(',', Enumerable.Range(0, 33).Select(i => $"\"o{i}\":1"))}}}");
        Range("fineRank.fusion.sum.play", "-1", "101");
        Row("fineRank.fusion.sum", "{\"play\":0}");
        Row("fineRank.fusion", "null");
        Range("fineRank.fusion.blend", "-0.1", "1.1");
        Range("fineRank.calibration.play.scale", "0", "1001");
        Range("fineRank.calibration.play.shift", "-1001", "1001");
        Row("fineRank.calibration.play", "null");
        Row("fineRank.calibration", "{\"a b\":{\"scale\":1,\"shift\":0}}", "fineRank.calibration.a b");
        Row("fineRank.calibration", $"{{{string.Join(',', Enumerable.Range(0, 33).Select(i => $"\"o{i}\":{{\"scale\":1,\"shift\":0}}"))}}}");
        Range("fineRank.keep", "0", "10001");
        Range("fineRank.adaptiveWidth.targetMs", "0", "30001");
        Range("fineRank.adaptiveWidth.percentile", "49", "99.95");
        Range("fineRank.adaptiveWidth.least", "0", "1.1");
        Range("reRank.theta", "-0.01", "1");
        Row("reRank.theta", "0.981");
        Range("reRank.breadthEffect", "-1.1", "1.1");
        Range("reRank.window", "0", "65");
        Range("preRank.kindShare", "-0.1", "1.1");
        Range("reRank.kindShare", "-0.1", "1.1");
        Row("reRank.boosts", $"[{string.Join(',', Enumerable.Repeat("""{"filter":{"field":"kind","eq":"live"},"factor":1}""", 33))}]");
        Row("reRank.boosts[0].filter", """{"all":[]}""", "reRank.boosts[0].filter.all");
        Range("reRank.boosts[0].factor", "-1", "11");
        Row("reRank.rules", $"[{string.Join(',', Enumerable.Repeat("""{"field":"kind","max":1,"in":2}""", 33))}]");
        Row("reRank.rules[0].field", "\"itemId\"");
        Row("reRank.rules[0].field", "null", "reRank.rules[0]");
        Row("reRank.rules[0].filter", """{"field":"kind","eq":"live"}""", "reRank.rules[0]");
        Row("reRank.rules[1].filter", """{"field":"kind"}""");
        Range("reRank.rules[0].max", "-1", "32");
        Row("reRank.rules[0].max", "2");
        Range("reRank.rules[0].in", "1", "33");
        Row("reRank.shares", $"[{string.Join(',', Enumerable.Repeat("""{"channel":"hot","min":1,"in":2}""", 33))}]");
        Row("reRank.shares[0].channel", "null", "reRank.shares[0]");
        Row("reRank.shares[0].filter", """{"field":"kind","eq":"live"}""", "reRank.shares[0]");
        Range("reRank.shares[0].min", "0", "33");
        Row("reRank.shares[0].min", "11");
        Range("reRank.shares[0].in", "1", "101");
        Row("recall.fresh.quota", "0", "reRank.shares[0].channel");
        Row("reRank.pins", $"[{string.Join(',', Enumerable.Range(0, 21).Select(i => $"{{\"itemId\":\"w{i}\",\"position\":{i}}}"))}]");
        Row("reRank.pins[1].itemId", "\"w1\"");
        Row("reRank.pins[1].itemId", "\"a b\"");
        Row("reRank.pins[1].itemId", "null");
        Row("reRank.pins[1].position", "0");
        Range("reRank.pins[1].position", "-1", "100");
        Range("exploration.share", "-0.1", "1.1");
        Range("exploration.temperature", "0", "11");
        Row("seen.types", "[\"like\",\"like\"]", "seen.types[1]");
        Range("seen.days", "-1", "36501");
        Range("seen.max", "-1", "20001");
        return rows;
    }

    [Theory]
    [MemberData(nameof(BrokenMembers))]
    public void A_broken_member_is_named_with_its_path(string path, string json, string field)
    {
        var document = SampleScenes.With(path, json).Deserialize<SceneDocument>(KgJson.Options)!;

        var errors = SceneValidator.Validate(document);

        Assert.Contains(errors, e => e.Field == field);
        // Rules between members may name the others as well; nothing else is wrong.
        Assert.True(errors.Count <= 4, string.Join("; ", errors));
    }

    [Fact]
    public void The_sample_that_the_broken_ones_are_made_of_is_valid() => Assert.Empty(SceneValidator.Validate(SampleScenes.Full, "full"));

    [Fact]
    public void A_document_under_another_name_is_refused() => Assert.Equal("scene", Assert.Single(SceneValidator.Validate(SampleScenes.Full, "other")).Field);

    [Fact]
    public void Choices_that_no_name_stands_for_are_refused() =>
        Assert.Equal("reRank.diversity",
            Assert.Single(SceneValidator.Validate(SampleScenes.Full with { ReRank = SampleScenes.Full.ReRank with { Diversity = (DiversityMethod)9 } })).Field);

    [Fact]
    public void Numbers_that_are_not_finite_are_refused() =>
        Assert.Equal("notFinite",
            Assert.Single(SceneValidator.Validate(SampleScenes.Full with { ReRank = SampleScenes.Full.ReRank with { Theta = double.NaN } })).Code);

    [Fact]
    public void Ten_thousand_clauses_are_one_error()
    {
        var document = SampleScenes.With("discovery.filter", Clauses).Deserialize<SceneDocument>(KgJson.Options)!;
        Assert.Equal("filterTooLarge", Assert.Single(SceneValidator.Validate(document)).Code);
    }

    [Fact]
    public void Filters_that_are_too_large_together_are_refused()
    {
        var half = $$"""{"any":[{{string.Join(',', Enumerable.Repeat("""{"field":"quality","gt":0.1}""", 40))}}]}""";
        var document = SampleScenes.With("discovery.filter", half).Deserialize<SceneDocument>(KgJson.Options)!;
        Assert.Empty(EffectiveScene.Check(document));

        document = document with { Traffic = [new TrafficClass { Filter = JsonElement.Parse(half), Weight = 0 }] };

        Assert.Equal(new("discovery.filter", "filterTooLarge"), Assert.Single(EffectiveScene.Check(document).Select(e => (e.Field, e.Code))));
    }

    [Fact]
    public void Every_problem_is_found_at_once()
    {
        var root = SampleScenes.With("recall.hot.quota", "-1");
        root["reRank"]!["theta"] = 1;
        root["preRank"]!["keep"] = 601;
        root["reRank"]!["pins"]![1]!["position"] = 0;
        root["traffic"]![0]!["filter"]!["field"] = "nope";

        var fields = SceneValidator.Validate(root.Deserialize<SceneDocument>(KgJson.Options)!, "other").Select(e => e.Field);

        Assert.Equal(["preRank.keep", "reRank.pins[1].position", "reRank.theta", "recall.hot.quota", "scene", "traffic[0].filter.field"],
            fields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_document_of_holes_is_refused_and_not_followed()
    {
        string[] parts = ["contextKeys", "discovery", "traffic", "recall", "preRank", "fineRank", "reRank", "exploration", "seen"];
        var json = $$"""{"scene":"a",{{string.Join(',', parts.Select(p => $"\"{p}\":null"))}}}""";

        Assert.Equal(parts, SceneValidator.Validate(JsonSerializer.Deserialize<SceneDocument>(json, KgJson.Options)!).Select(e => e.Field));
    }

    [Fact]
    public void Random_valid_documents_are_accepted_and_can_be_served_by() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var document = SampleScenes.Random(seed);
        Assert.Empty(EffectiveScene.Check(document, document.Scene));
    }, iter: 300);

    [Fact]
    public void Built_in_scenes_are_valid_and_described()
    {
        Assert.Equal(["feed", "follow", "live", "nearby", "people", "reviewable", "room", "song"], BuiltInScenes.All.Keys.Order());
        Assert.All(BuiltInScenes.All, scene =>
        {
            Assert.Empty(EffectiveScene.Check(scene.Value, scene.Key));
            Assert.NotEmpty(scene.Value.Description!);
        });
    }

    [Fact]
    public void Every_number_text_and_list_of_a_document_has_a_limit()
    {
        var records = new Queue<Type>([typeof(SceneDocument)]);
        var seen = new HashSet<Type>();
        while (records.TryDequeue(out var record))
        {
            foreach (var property in KgJson.Options.GetTypeInfo(record).Properties)
            {
                var info = KgJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
                var isNumberOrText = info.Type == typeof(int) || info.Type == typeof(double) || info.Type == typeof(string);
                if (isNumberOrText || info.ElementType is not null)
                    Assert.True(SceneLimits.Of(record, property.Name) is not null, $"{record.Name}.{property.Name} has no limit");
                var inner = info.ElementType ?? info.Type;
                if (inner.Namespace == typeof(SceneDocument).Namespace && !inner.IsEnum && seen.Add(inner))
                    records.Enqueue(inner);
            }
        }
        Assert.Contains(typeof(Pin), seen);
    }
}
