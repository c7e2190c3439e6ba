using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Inference.Bundles;
using KgOrleans.TestSupport;

namespace KgOrleans.Inference.Tests;

/// <summary>The bundle of models/demo, as it is or as a copy to break.</summary>
internal sealed class DemoBundle : IDisposable
{
    private DemoBundle(string directory) => Directory = directory;

    public static string Root { get; } = RepositoryRoot.Path;

    public static string Source { get; } = Path.Combine(Root, "models", "demo");

    public string Directory { get; }

    public static ModelBundle Load() => ModelBundle.Load(Source);

    public static DemoBundle Copy()
    {
        var copy = System.IO.Directory.CreateTempSubdirectory("kg-bundle-").FullName;
        foreach (var file in System.IO.Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Source, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return new DemoBundle(copy);
    }

    public string PathOf(string file) => Path.Combine(Directory, file);

    /// <summary>Rewrites the manifest.</summary>
    public void Edit(Action<JsonObject> change)
    {
        var manifest = JsonNode.Parse(File.ReadAllBytes(PathOf("manifest.json")))!.AsObject();
        change(manifest);
        File.WriteAllBytes(PathOf("manifest.json"), JsonSerializer.SerializeToUtf8Bytes(manifest));
    }

    /// <summary>Rewrites a file and its hash in the manifest, as somebody would who means harm.</summary>
    public void Replace(string file, byte[] content)
    {
        File.WriteAllBytes(PathOf(file), content);
        Edit(m => m["sha256"]![file] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
    }

    public IReadOnlyList<string> Differences() => Assert.Throws<BundleException>(() => ModelBundle.Load(Directory)).Differences;

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
