using System.Text.Json;
using System.Text.Json.Nodes;

namespace KgOrleans.TestSupport.Onnx;

/// <summary>A copy of the demo bundle with other graphs.</summary>
public sealed class BundleCopy : IDisposable
{
    /// <summary>Rows of a graph's item inputs.</summary>
    public const int Batch = 128;

    private readonly JsonObject _manifest;

    public BundleCopy()
    {
        var source = Path.Combine(RepositoryRoot.Path, "models", "demo");
        Folder = Directory.CreateTempSubdirectory("kg-bundle-").FullName;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        _manifest = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, "manifest.json")))!.AsObject();
    }

    /// <summary>Folder of the bundle.</summary>
    public string Folder { get; }

    /// <summary>Puts a graph in, with its inputs.</summary>
    /// <param name="file">File of the graph.</param>
    /// <param name="name">Name of the graph in the schema.</param>
    /// <param name="graph">The model.</param>
    /// <param name="inputs">Inputs of the schema that it has.</param>
    public BundleCopy Set(string file, string name, byte[] graph, params string[] inputs)
    {
        File.WriteAllBytes(Path.Combine(Folder, file), graph);
        _manifest["sha256"]![file] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(graph));
        _manifest["schema"]!["graphs"]![name] = new JsonArray([.. inputs.Select(i => (JsonNode)i)]);
        return Edit(_ => { });
    }

    /// <summary>Changes the manifest.</summary>
    public BundleCopy Edit(Action<JsonObject> change)
    {
        change(_manifest);
        File.WriteAllBytes(Path.Combine(Folder, "manifest.json"), JsonSerializer.SerializeToUtf8Bytes(_manifest));
        return this;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
