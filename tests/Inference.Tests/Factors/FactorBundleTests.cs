using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Factors;

namespace KgOrleans.Inference.Tests.Factors;

[Trait("Suite", "Unit")]
public sealed class FactorBundleTests : IDisposable
{
    private const int Header = 24;
    private const int Keys = FactorSample.Items * 8;
    private readonly FactorSample _sample = new();

    private string FactorsPath => Path.Combine(_sample.Folder, "factors.bin");

    private string ManifestPath => Path.Combine(_sample.Folder, "manifest.json");

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Equal_content_is_one_space_and_other_settings_are_another()
    {
        var first = SpaceId();
        _sample.Save();
        Assert.Equal(first, SpaceId());
        Edit(m => m["factors"]!["settings"]!["regularisation"] = 0.5);
        Assert.NotEqual(first, SpaceId());
    }

    [Fact]
    public void A_file_that_is_cut_off_or_changed_is_refused_by_its_hash()
    {
        var bytes = File.ReadAllBytes(FactorsPath);
        File.WriteAllBytes(FactorsPath, bytes[..^4]);
        Assert.Contains("sha256", Assert.Single(Differences()));
        File.Delete(FactorsPath);
        Assert.Contains("factors.bin: missing", Differences());
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused_with_its_size_even_where_the_hash_agrees()
    {
        Change(b => b[..^4]);
        Assert.StartsWith($"factors.bin: has {File.ReadAllBytes(FactorsPath).Length} bytes, 40 items", Assert.Single(Differences()));
        Change(b => b[..10]);
        Assert.Equal("factors.bin: is not a file of factors", Assert.Single(Differences()));
    }

    [Fact]
    public void A_file_of_another_dimension_or_size_is_refused_with_every_difference()
    {
        Edit(m =>
        {
            m["embeddingDimension"] = 16;
            m["factors"]!["settings"]!["dimension"] = 16;
            m["factors"]!["items"] = 41;
        });
        Assert.Equal(
            ["factors.bin: dimension is 8, the manifest says 16", "factors.bin: items is 40, the manifest says 41"], Differences());
        Edit(m => m["embeddingDimension"] = 32);
        Assert.Contains("manifest: factors.settings.dimension is 16, embeddingDimension is 32", Differences());
    }

    [Fact]
    public void Keys_out_of_order_numbers_that_are_not_finite_and_another_Gram_matrix_are_refused()
    {
        Change(b =>
        {
            (b[Header + 7], b[Header + 15]) = (b[Header + 15], b[Header + 7]);
            return b;
        });
        Assert.Contains("factors.bin: keys are not in ascending order, each once", Differences());
        _sample.Save();
        Change(b =>
        {
            BinaryPrimitives.WriteSingleLittleEndian(b.AsSpan(b.Length - 4), float.NaN);
            return b;
        });
        Assert.Contains("factors.bin: has numbers that are not finite", Differences());
        _sample.Save();
        var gram = Header + Keys + (_sample.Space.Content.Tokens.Length * 8);
        Change(b =>
        {
            BinaryPrimitives.WriteDoubleLittleEndian(b.AsSpan(gram), 1e6);
            return b;
        });
        Assert.Contains("factors.bin: the Gram matrix is not that of the item vectors", Differences());
    }

    [Fact]
    public void A_manifest_that_says_what_no_bundle_of_factors_has_is_refused_with_every_difference()
    {
        Edit(m =>
        {
            m["objectives"] = new JsonArray("play");
            m["contentDimension"] = 32;
            m["sha256"]!["ranker.onnx"] = "00";
        });
        Assert.Equal(3, Differences().Count);
        Edit(m =>
        {
            m["objectives"] = new JsonArray();
            m["contentDimension"] = 0;
            m["sha256"]!.AsObject().Remove("ranker.onnx");
            m.AsObject().Remove("factors");
        });
        Assert.Contains("manifest: a bundle of kind factors needs the member factors", Differences());
        _sample.Save();
        Edit(m => m["factors"]!["settings"]!["unobservedWeight"] = -1);
        Assert.StartsWith("manifest: factors.settings:", Assert.Single(Differences()));
        _sample.Save();
        Edit(m => m["kind"] = "graphs");
        Assert.Contains("manifest: has factors, which belong to a bundle of kind factors", Differences());
        Edit(m => m["kind"] = "trees");
        Assert.Single(Differences());
    }

    [Fact]
    public void A_bundle_of_factors_is_replaced_and_nothing_else_is()
    {
        Directory.CreateDirectory(_sample.Folder + ".part");
        File.WriteAllText(Path.Combine(_sample.Folder + ".part", "factors.bin"), "half, by an interrupted run");
        FactorBundle.Write(_sample.Folder, _sample.Space, new BundleManifest { Version = "v2", WorldId = FactorSample.World });
        using (var bundle = ModelBundle.Load(_sample.Folder))
            Assert.Equal("v2", bundle.Version);
        Assert.Equal([_sample.Folder], Directory.GetFileSystemEntries(Path.GetDirectoryName(_sample.Folder)!));

        using var demo = DemoBundle.Copy();
        Assert.Throws<IOException>(() => FactorBundle.Write(demo.Directory, _sample.Space, new BundleManifest { Version = "v3", WorldId = "w" }));
        using (ModelBundle.Load(demo.Directory))
            Assert.False(Directory.Exists(demo.Directory + ".part"));
    }

    [Fact]
    public void A_bundle_that_a_server_would_refuse_is_never_put_in_place()
    {
        Assert.Throws<BundleException>(() => FactorBundle.Write(_sample.Folder, _sample.Space, new BundleManifest { Version = "no id", WorldId = "w" }));
        using var bundle = ModelBundle.Load(_sample.Folder);
        Assert.Equal("v1", bundle.Version);
    }

    [Fact]
    public void A_bundle_of_graphs_may_have_no_fine_ranker()
    {
        using var copy = DemoBundle.Copy();
        File.Delete(copy.PathOf("ranker.onnx"));
        copy.Edit(m =>
        {
            m["schema"]!["graphs"]!["ranker"] = new JsonArray();
            m["sha256"]!.AsObject().Remove("ranker.onnx");
        });
        using var bundle = ModelBundle.Load(copy.Directory);
        Assert.Null(bundle.Ranker);
        Assert.NotEmpty(bundle.Objectives);
    }

    private string SpaceId()
    {
        using var bundle = ModelBundle.Load(_sample.Folder);
        return bundle.SpaceId;
    }

    private void Edit(Action<JsonNode> change)
    {
        var manifest = JsonNode.Parse(File.ReadAllBytes(ManifestPath))!;
        change(manifest);
        File.WriteAllBytes(ManifestPath, JsonSerializer.SerializeToUtf8Bytes(manifest));
    }

    // With the hash in the manifest, as somebody would who means harm.
    private void Change(Func<byte[], byte[]> change)
    {
        var bytes = change(File.ReadAllBytes(FactorsPath));
        File.WriteAllBytes(FactorsPath, bytes);
        Edit(m => m["sha256"]!["factors.bin"] = Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private IReadOnlyList<string> Differences() => Assert.Throws<BundleException>(() => ModelBundle.Load(_sample.Folder)).Differences;
}
