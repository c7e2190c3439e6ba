using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Factors;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Inference.Tests.Factors;

/// <summary>A bundle of factors with a linear ranker: like = 3 x factors + 2 x quality + weekend - 1, share = -5 x factors + 0.5.</summary>
[Trait("Suite", "Unit")]
public sealed class FactorRankerTests : IDisposable
{
    private const int Batch = 16;
    private const long Saturday = 1_767_434_400_000;

    private static readonly FeatureSchema Schema = new()
    {
        BatchSize = Batch,
        Inputs =
        [
            new InputSpec { Name = "context", Type = TensorType.Float, Shape = [1, 1], Features = ["context.weekend"] },
            new InputSpec { Name = "item", Type = TensorType.Float, Shape = [Batch, 2], Features = ["item.qualityMissing", "item.quality"] },
            new InputSpec { Name = "cross", Type = TensorType.Float, Shape = [Batch, 1], Features = ["cross.factors"] },
        ],
        Graphs = new GraphInputs { Ranker = ["context", "item", "cross"] },
    };

    private readonly FactorSample _sample = new();

    public FactorRankerTests() => Save();

    private string RankerPath => Path.Combine(_sample.Folder, "ranker.onnx");

    private string ManifestPath => Path.Combine(_sample.Folder, "manifest.json");

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_linear_ranker_over_factors_gives_the_logits_that_were_written_in_whole_and_in_parts()
    {
        using var bundle = ModelBundle.Load(_sample.Folder);
        Assert.Equal(["like", "share"], bundle.Objectives);
        Assert.Empty(bundle.HeadObjectives);
        var user = FactorSample.UserWho((EventType.Like, "i4"), (EventType.Like, "i6"));
        var head = bundle.UserTower.Compute(user, Saturday);
        var items = Items();
        var context = new RequestContext(Saturday, Heads: head);
        var logits = new float[items.Count * 2];
        bundle.Ranker!.Score(user, items, context, logits);
        bundle.ItemTower.Compute(items, items.Embeddings);
        for (var i = 0; i < items.Count; i++)
        {
            var factors = DotProduct.Single(head, items.EmbeddingOf(i));
            Assert.Equal((3 * factors) + (2 * items.Rows[i].Quality) + 1 - 1, logits[2 * i], 1e-5f);
            Assert.Equal((-5 * factors) + 0.5f, logits[(2 * i) + 1], 1e-5f);
        }
        Assert.True(logits.Where((_, i) => i % 2 == 1).Distinct().Count() > FactorSample.Items / 2);
        var part = new float[7 * 2];
        bundle.Ranker.Score(user, items, 20, 7, context, part);
        Assert.Equal(logits[40..54], part);
        var features = RankerFeatures.OfItem(bundle.Ranker, user, items, 3, context);
        Assert.Equal([DotProduct.Single(head, items.EmbeddingOf(3))], features["cross.factors"]);
    }

    [Fact]
    public void Without_the_users_vector_nothing_is_scored()
    {
        using var bundle = ModelBundle.Load(_sample.Folder);
        var logits = new float[FactorSample.Items * 4];
        foreach (var head in (float[][])[[], new float[FactorSample.Dimension + 1]])
        {
            var user = FactorSample.UserWho((EventType.Like, "i4"));
            Assert.Throws<ArgumentException>(() => bundle.Ranker!.Score(user, Items(), new RequestContext(0, Heads: head), logits));
        }
    }

    [Fact]
    public void The_ranker_is_no_part_of_the_embedding_space_and_a_bundle_without_one_replaces_it()
    {
        string space;
        using (var bundle = ModelBundle.Load(_sample.Folder))
            space = bundle.SpaceId;
        _sample.Save();
        using var without = ModelBundle.Load(_sample.Folder);
        Assert.Null(without.Ranker);
        Assert.Equal(space, without.SpaceId);
        Assert.False(File.Exists(RankerPath));
    }

    [Fact]
    public void A_ranker_that_is_missing_cut_off_or_damaged_is_refused_with_its_name()
    {
        var bytes = File.ReadAllBytes(RankerPath);
        File.WriteAllBytes(RankerPath, bytes[..^8]);
        Assert.StartsWith("ranker.onnx: sha256 is ", Assert.Single(Differences()));
        Hash(bytes[..^8]);
        Assert.StartsWith("ranker.onnx: ONNX Runtime cannot load it: ", Assert.Single(Differences()));
        File.Delete(RankerPath);
        Assert.Contains("ranker.onnx: missing", Differences());
        // A graph of one logit too few.
        var other = LinearGraph.Build([("context", 1, 1, [1]), ("item", Batch, 2, [1, 1]), ("cross", Batch, 1, [1])], [0], "logits");
        File.WriteAllBytes(RankerPath, other);
        Hash(other);
        Assert.Equal("ranker.onnx: output logits: has shape [16, 1], the schema says [16, 2]", Assert.Single(Differences()));
        var infinite = LinearGraph.Build([("context", 1, 1, [1, 1]), ("item", Batch, 2, [1, 1, 1, 1]), ("cross", Batch, 1, [1, 1])], [0, float.NaN], "logits");
        File.WriteAllBytes(RankerPath, infinite);
        Hash(infinite);
        Assert.Equal("ranker.onnx: gives values that are not finite when its inputs are zeros", Assert.Single(Differences()));
    }

    [Fact]
    public void A_manifest_that_does_not_fit_its_ranker_is_refused_with_every_difference()
    {
        Edit(m =>
        {
            m["objectives"] = new JsonArray();
            m["schema"]!["graphs"]!["userTower"] = new JsonArray("context");
            m["schema"]!["graphs"]!["ranker"] = new JsonArray("context", "item");
            m["contentDimension"] = 3;
        });
        var differences = Differences();
        foreach (var expected in (string[])["objectives must be 1..16", "no graph but the ranker", "input cross is one that the ranker does not have",
            "contentDimension is 3, the schema says 0", "ranker.onnx: input cross is not in the schema"])
            Assert.Contains(differences, d => d.Contains(expected, StringComparison.Ordinal));

        Save();
        Edit(m => m["schema"]!["inputs"]![1]!["features"] = new JsonArray("item.qualityMissing", "item.creator"));
        Assert.Contains("input item: feature item.creator needs vocabulary creator, which the bundle lacks", Differences());
        Save();
        Edit(m => m["schema"]!["inputs"]![1]!["features"] = new JsonArray("item.quality", "item.content"));
        Assert.Contains("input item: feature item.content needs a contentDimension above 0", Differences());
        Save();
        Edit(m => m["sha256"]!.AsObject().Remove("ranker.onnx"));
        Assert.Equal("ranker.onnx: the manifest has no sha256 for it", Assert.Single(Differences()));
    }

    [Fact]
    public void A_linear_graph_whose_parts_do_not_fit_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => LinearGraph.Build([("x", 1, 2, [1])], [0], "y"));
        Assert.Throws<ArgumentException>(() => LinearGraph.Build([("x", Batch, 1, [1]), ("z", 1, 1, [1])], [0], "y"));
    }

    private static ItemBlock Items()
    {
        var block = ItemColumns.Block(
            [.. Enumerable.Range(0, FactorSample.Items).Select(i => new ItemDocument { ItemId = FactorSample.IdOf(i), CreatorId = "c", Quality = i % 5 / 4.0 }),
                new ItemDocument { ItemId = "new", CreatorId = "c", Tags = ["even"], Quality = 0.5 }],
            4, FactorSample.Dimension);
        return block;
    }

    private void Save() => FactorBundle.Write(
        _sample.Folder, _sample.Space, new BundleManifest { Version = "v1", WorldId = FactorSample.World, Objectives = ["like", "share"], Schema = Schema },
        LinearGraph.Build([("context", 1, 1, [1, 0]), ("item", Batch, 2, [0, 0, 2, 0]), ("cross", Batch, 1, [3, -5])], [-1, 0.5f], "logits"));

    private void Edit(Action<JsonNode> change)
    {
        var manifest = JsonNode.Parse(File.ReadAllBytes(ManifestPath))!;
        change(manifest);
        File.WriteAllBytes(ManifestPath, JsonSerializer.SerializeToUtf8Bytes(manifest));
    }

    // As somebody would who means harm.
    private void Hash(byte[] bytes) => Edit(m => m["sha256"]!["ranker.onnx"] = Convert.ToHexStringLower(SHA256.HashData(bytes)));

    private IReadOnlyList<string> Differences() => Assert.Throws<BundleException>(() => ModelBundle.Load(_sample.Folder)).Differences;
}
