using System.Text;
using System.Text.Json.Nodes;
using KgOrleans.Inference.Bundles;

namespace KgOrleans.Inference.Tests.Bundles;

[Trait("Suite", "Unit")]
public class BundleDefectTests
{
    [Fact]
    public void The_demo_bundle_loads_and_is_small()
    {
        using var bundle = DemoBundle.Load();

        Assert.Equal(["play", "like", "share"], bundle.Objectives);
        Assert.Equal((64, 32, "demo-1"), (bundle.EmbeddingDimension, bundle.ContentDimension, bundle.WorldId));
        Assert.Matches("^[0-9a-f]{16}$", bundle.SpaceId);
        Assert.True(Directory.EnumerateFiles(DemoBundle.Source, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length) < 3_000_000);
    }

    [Fact]
    public void A_bundle_is_refused_with_every_difference_at_once()
    {
        using var copy = DemoBundle.Copy();
        File.Delete(copy.PathOf("ranker.onnx"));
        File.AppendAllText(copy.PathOf("user_tower.onnx"), "x");
        copy.Edit(m =>
        {
            m["formatVersion"] = 9;
            m["contentDimension"] = 31;
            m["vocabularies"]!["song"]!["size"] = 3;
            m["schema"]!["inputs"]![0]!["features"]!.AsArray().Add("user.shoeSize");
        });

        var differences = copy.Differences();

        foreach (var expected in (string[])["formatVersion is 9", "contentDimension is 31", "ranker.onnx: missing", "user_tower.onnx: sha256 is",
            "the manifest declares 3", "unknown feature user.shoeSize"])
            Assert.Contains(differences, d => d.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_catalogue_without_songs_has_an_empty_vocabulary_of_them()
    {
        using var copy = DemoBundle.Copy();
        copy.Replace("vocab/song.txt", []);
        copy.Edit(m => m["vocabularies"]!["song"]!["size"] = 0);
        using var bundle = ModelBundle.Load(copy.Directory);
        Assert.Equal(["play", "like", "share"], bundle.Objectives);
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("item_tower.onnx")]
    public void A_missing_or_empty_file_is_a_difference(string file)
    {
        using var copy = DemoBundle.Copy();
        File.WriteAllBytes(copy.PathOf(file), []);
        Assert.Contains(copy.Differences(), d => d.StartsWith($"{file}: has 0 bytes", StringComparison.Ordinal));

        File.Delete(copy.PathOf(file));
        Assert.Contains(copy.Differences(), d => d == $"{file}: missing");
    }

    [Theory]
    [InlineData("../song.txt")]
    [InlineData("vocab/../../song.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("vocab/sub/song.txt")]
    [InlineData("vocab/..")]
    [InlineData("vocab/.hidden")]
    [InlineData("")]
    public void No_path_of_a_manifest_leaves_the_folder(string path)
    {
        using var copy = DemoBundle.Copy();
        copy.Edit(m => m["vocabularies"]!["song"]!["file"] = path);

        Assert.Contains(copy.Differences(), d => d.Contains("is not a file in the folder vocab", StringComparison.Ordinal));
    }

    [Fact]
    public void Links_are_not_followed()
    {
        using var copy = DemoBundle.Copy();
        File.Delete(copy.PathOf("ranker.onnx"));
        File.CreateSymbolicLink(copy.PathOf("ranker.onnx"), Path.Combine(DemoBundle.Source, "ranker.onnx"));
        Directory.Delete(copy.PathOf("vocab"), recursive: true);
        Directory.CreateSymbolicLink(copy.PathOf("vocab"), Path.Combine(DemoBundle.Source, "vocab"));

        var differences = copy.Differences();

        Assert.Contains("ranker.onnx: is a link", differences);
        Assert.Contains("vocab/song.txt: is a link", differences);
    }

    [Fact]
    public void A_graph_that_reads_other_files_is_refused_before_it_is_opened()
    {
        using var copy = DemoBundle.Copy();
        // metadata_props (field 14) of the model with the entry that names external data: {key: "location", value: "../x"}.
        byte[] entry = [0x72, 0x10, 0x0A, 0x08, .. "location"u8, 0x12, 0x04, .. "../x"u8];
        copy.Replace("ranker.onnx", [.. File.ReadAllBytes(copy.PathOf("ranker.onnx")), .. entry]);

        Assert.Equal(["ranker.onnx: uses data outside the file"], copy.Differences());
    }

    [Fact]
    public void A_file_that_is_no_graph_is_refused()
    {
        using var copy = DemoBundle.Copy();
        copy.Replace("ranker.onnx", "not a graph"u8.ToArray());

        Assert.Contains(copy.Differences(), d => d.StartsWith("ranker.onnx: ONNX Runtime cannot load it", StringComparison.Ordinal));
    }

    [Fact]
    public void Graphs_whose_inputs_and_outputs_are_others_are_refused()
    {
        using var copy = DemoBundle.Copy();
        copy.Replace("user_tower.onnx", File.ReadAllBytes(copy.PathOf("item_tower.onnx")));

        var differences = copy.Differences();

        Assert.Contains("user_tower.onnx: has no input user_dense", differences);
        Assert.Contains("user_tower.onnx: input item_dense is not in the schema", differences);
        Assert.Contains("user_tower.onnx: has no output heads", differences);
    }

    [Fact]
    public void Shapes_and_types_that_differ_from_the_graphs_are_refused()
    {
        using var copy = DemoBundle.Copy();
        copy.Edit(m =>
        {
            m["embeddingDimension"] = 32;
            var inputs = m["schema"]!["inputs"]!.AsArray();
            var tags = inputs.Single(i => (string)i!["name"]! == "user_tags")!;
            tags["shape"] = new JsonArray(1, 8);
            var weights = inputs.Single(i => (string)i!["name"]! == "user_tag_weights")!;
            (weights["type"], weights["features"]) = ("int64", new JsonArray("user.tags"));
        });

        var differences = copy.Differences();

        Assert.Contains("user_tower.onnx: input user_tags: has shape [1, 32], the schema says [1, 8]", differences);
        Assert.Contains("ranker.onnx: input user_tags: has shape [1, 32], the schema says [1, 8]", differences);
        Assert.Contains("user_tower.onnx: input user_tag_weights: has type Float, the schema says Int64", differences);
        Assert.Contains("user_tower.onnx: output heads: has shape [1, 3, 64], the schema says [1, 3, 32]", differences);
        Assert.Contains("item_tower.onnx: output embeddings: has shape [128, 64], the schema says [128, 32]", differences);
    }

    [Fact]
    public void A_vocabulary_that_is_larger_than_the_graphs_tables_is_refused()
    {
        using var copy = DemoBundle.Copy();
        var more = File.ReadAllText(copy.PathOf("vocab/creator.txt")) + "0123456789abcdef\n";
        copy.Replace("vocab/creator.txt", Encoding.ASCII.GetBytes(more));
        copy.Edit(m => m["vocabularies"]!["creator"]!["size"] = more.Length / 17);

        Assert.Contains(copy.Differences(), d => d.StartsWith("item_tower.onnx: fails with the largest ids", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0123456789abcdef\n0123456789abcdef\n", "line 2")]
    [InlineData("0000000000000000\n", "line 1")]
    [InlineData("0123456789abcdeg\n", "line 1")]
    [InlineData("0123456789abcdef", "lines of 16 hex digits")]
    public void A_vocabulary_with_a_broken_line_is_refused(string content, string expected)
    {
        using var copy = DemoBundle.Copy();
        copy.Replace("vocab/song.txt", Encoding.ASCII.GetBytes(content));

        Assert.Contains(copy.Differences(), d => d.StartsWith("vocabulary song:", StringComparison.Ordinal) && d.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"formatVersion":1,"surprise":true}""")]
    public void A_manifest_that_cannot_be_read_is_refused(string json)
    {
        using var copy = DemoBundle.Copy();
        File.WriteAllText(copy.PathOf("manifest.json"), json);

        Assert.StartsWith("manifest.json: ", Assert.Single(copy.Differences()));
    }

    [Fact]
    public void A_manifest_of_nulls_is_refused_and_not_a_crash()
    {
        using var copy = DemoBundle.Copy();
        File.WriteAllText(copy.PathOf("manifest.json"),
            """{"version":null,"worldId":null,"objectives":null,"schema":null,"vocabularies":{"song":null},"sha256":null}""");

        Assert.NotEmpty(copy.Differences());
    }

    [Fact]
    public void The_space_changes_with_towers_and_vocabularies_and_not_with_the_ranker()
    {
        using var original = DemoBundle.Load();
        using var copy = DemoBundle.Copy();
        copy.Replace("ranker.onnx", WithMetadata(copy.PathOf("ranker.onnx")));
        using (var other = ModelBundle.Load(copy.Directory))
            Assert.Equal(original.SpaceId, other.SpaceId);
        copy.Replace("item_tower.onnx", WithMetadata(copy.PathOf("item_tower.onnx")));
        using (var other = ModelBundle.Load(copy.Directory))
            Assert.NotEqual(original.SpaceId, other.SpaceId);
    }

    // The same graph with one more metadata entry: other bytes, same results.
    private static byte[] WithMetadata(string path) => [.. File.ReadAllBytes(path), 0x72, 0x06, 0x0A, 0x01, (byte)'k', 0x12, 0x01, (byte)'v'];
}
