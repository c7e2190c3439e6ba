using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Features;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Tests.Features;

[Trait("Suite", "Unit")]
public class FeatureSchemaTests
{
    [Fact]
    public void The_training_schema_is_valid_and_survives_json()
    {
        var schema = Read();

        var again = JsonSerializer.Deserialize<FeatureSchema>(JsonSerializer.Serialize(schema, KgJson.Options), KgJson.Options)!;

        Assert.Equal(JsonSerializer.Serialize(schema, KgJson.Options), JsonSerializer.Serialize(again, KgJson.Options));
        Assert.Equal(schema.Inputs.Select(i => i.Name), FeaturePlan.Create(again).Inputs.Select(i => i.Spec.Name));
    }

    [Fact]
    public void The_training_schema_is_the_one_of_the_demo_bundle_and_the_ids_of_items()
    {
        using var bundle = DemoBundle.Load();
        var ids = Assert.Single(Read().Inputs, i => i.Name == "item_ids");
        // The demo bundle was trained before an item's own id was a feature.
        var before = Read() with
        {
            Inputs = [.. Read().Inputs.Select(i => i.Name == ids.Name ? i with { Shape = [ids.Shape[0], ids.Shape[1] - 1], Features = [.. ids.Features.SkipLast(1)] } : i)],
        };

        Assert.Equal("item.id", ids.Features[^1]);
        Assert.Equal(JsonSerializer.Serialize(before, KgJson.Options), JsonSerializer.Serialize(bundle.Manifest.Schema, KgJson.Options));
    }

    [Fact]
    public void A_schema_is_refused_with_everything_that_is_wrong_with_it()
    {
        var schema = Read() with { BatchSize = 0 };
        schema = schema with
        {
            Inputs =
            [
                .. schema.Inputs,
                schema.Inputs[0],
                new InputSpec { Name = "a", Type = TensorType.Float, Shape = [1, 1], Features = ["user.shoeSize"] },
                new InputSpec { Name = "b", Type = TensorType.Int64, Shape = [1, 1], Features = ["user.isKnown"] },
                new InputSpec { Name = "c", Type = TensorType.Float, Shape = [1, 2], Features = ["user.isKnown"] },
                new InputSpec { Name = "d", Type = TensorType.Float, Shape = [1, 2], Features = ["user.isKnown", "context.hourSin"] },
                new InputSpec { Name = "e", Type = TensorType.Int64, Shape = [1, 3], Features = ["user.region", "user.tags"] },
                new InputSpec { Name = "f", Type = TensorType.Float, Shape = [1], Features = [] },
            ],
            Graphs = schema.Graphs with { UserTower = ["user_dense", "cross", "nowhere"], ItemTower = [] },
        };

        var differences = Assert.Throws<BundleException>(() => FeaturePlan.Create(schema)).Differences;

        foreach (var expected in (string[])[
            "batchSize is 0", "user_dense is declared twice", "input a: unknown feature user.shoeSize", "input b: feature user.isKnown is float",
            "input c: shape is [1, 2]",
            "input d: mixes features", "input e: list feature user.tags", "input f: shape [1]", "input f: has no features", "userTower names input nowhere",
            "itemTower has no inputs"])
            Assert.Contains(differences, d => d.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_tower_may_not_use_what_the_other_side_knows()
    {
        var schema = Read();

        var differences = Assert.Throws<BundleException>(() => FeaturePlan.Create(schema with
        {
            Graphs = schema.Graphs with { UserTower = ["user_dense", "context"], ItemTower = ["item_dense", "item_dynamic", "cross"] },
        })).Differences;

        Assert.Equal(3, differences.Count);
        Assert.All(differences, d => Assert.Contains("cannot use input", d));
    }

    [Fact]
    public void A_schema_may_name_the_callers_device_for_the_ranker_and_for_no_tower()
    {
        var schema = Read();
        schema = schema with
        {
            Inputs = [.. schema.Inputs,
            new InputSpec { Name = "device", Type = TensorType.Int64, Shape = [1, 1], Features = ["context.device"] }]
        };

        FeaturePlan.Create(schema with { Graphs = schema.Graphs with { Ranker = [.. schema.Graphs.Ranker, "device"] } });

        var tower = schema with { Graphs = schema.Graphs with { UserTower = [.. schema.Graphs.UserTower, "device"] } };
        Assert.Contains("cannot use input device", Assert.Single(Assert.Throws<BundleException>(() => FeaturePlan.Create(tower)).Differences));
        var differences = new List<string>();
        FeaturePlan.TryCreate(schema, BundleKind.Graphs, new Dictionary<string, Vocabulary>(), differences);
        Assert.Contains(differences, d => d.Contains("feature context.device needs vocabulary device", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_made_of_factors_belongs_to_a_bundle_of_factors()
    {
        var schema = Read();
        schema = schema with
        {
            Inputs =
            [
                .. schema.Inputs, new InputSpec { Name = "factors", Type = TensorType.Float, Shape = [schema.BatchSize, 1], Features = ["cross.factors"] },
            ],
        };
        Assert.Equal(
            ["input factors: feature cross.factors needs a bundle of kind factors"],
            Assert.Throws<BundleException>(() => FeaturePlan.Create(schema)).Differences);
    }

    private static FeatureSchema Read() =>
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(DemoBundle.Root, "training", "schema.json")))!["schema"].Deserialize<FeatureSchema>(KgJson.Options)!;
}
