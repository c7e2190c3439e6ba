using System.Security.Cryptography;
using System.Text.Json;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Kernels;
using KgOrleans.Ranking;
using Microsoft.ML.OnnxRuntime;

namespace KgOrleans.Inference.Bundles;

/// <summary>
/// A loaded and checked model bundle: two towers, a ranker and the feature schema that fills them. Immutable and thread-safe; a call that runs while the bundle is disposed ends well, a later one throws
/// <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed class ModelBundle : IDisposable
{
    private const int MaxObjectives = 16;
    // What the 8-bit kernels can sum without overflow.
    private const int MaxEmbeddingDimension = Int8Rows.LargestDimension;
    private static readonly JsonSerializerOptions ManifestJson = new(KgJson.Options) { RespectNullableAnnotations = true };

    private ModelBundle(BundleManifest manifest, string spaceId, GraphRunner userTower, GraphRunner itemTower, GraphRunner ranker)
    {
        Manifest = manifest;
        SpaceId = spaceId;
        UserTower = new UserTower(userTower);
        ItemTower = new ItemTower(itemTower);
        Ranker = new Ranker(ranker);
    }

    /// <summary>The manifest.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>Version of the bundle.</summary>
    public string Version => Manifest.Version;

    /// <summary>Catalogue that the bundle was trained for.</summary>
    public string WorldId => Manifest.WorldId;

    /// <summary>Objectives in the order of heads and logits.</summary>
    public IReadOnlyList<string> Objectives => Manifest.Objectives;

    /// <summary>Components of an item vector and of each user head.</summary>
    public int EmbeddingDimension => Manifest.EmbeddingDimension;

    /// <summary>Components of a content vector that the features expect; vectors of another size count as absent.</summary>
    public int ContentDimension => Manifest.ContentDimension;

    /// <summary>Id of the embedding space: 16 hex digits. Item and user vectors belong together when they were computed under the same id.</summary>
    public string SpaceId { get; }

    /// <summary>User features to user heads.</summary>
    public UserTower UserTower { get; }

    /// <summary>Item features to item vectors.</summary>
    public ItemTower ItemTower { get; }

    /// <summary>User and item features to logits.</summary>
    public Ranker Ranker { get; }

    /// <summary>
    /// Loads a bundle folder and checks it: files, hashes, schema, vocabularies, the graphs' inputs and outputs, and one run of every graph with the largest ids. Throws <see cref="BundleException"/> with every difference.
    /// </summary>
    /// <param name="directory">Folder with <c>manifest.json</c>.</param>
    public static ModelBundle Load(string directory)
    {
        var differences = new List<string>();
        var files = new BundleFiles(directory, differences);
        if (ParseManifest(files.ReadManifest(), differences) is not { } manifest)
            throw Refused(directory, differences);
        CheckManifest(manifest, differences);

        var vocabularies = new Dictionary<string, Vocabulary>();
        foreach (var (name, file) in manifest.Vocabularies)
        {
            // A vocabulary that was refused still counts as there: its own difference says what is wrong with it.
            vocabularies[name] = files.ReadVocabulary(name, file, manifest) ?? new Vocabulary([]);
        }
        var plan = FeaturePlan.TryCreate(manifest.Schema, vocabularies, differences);
        byte[]?[] graphs = [files.ReadGraph(BundleFiles.UserTower, manifest), files.ReadGraph(BundleFiles.ItemTower, manifest), files.ReadGraph(BundleFiles.Ranker, manifest)];
        CheckUnlisted(manifest, differences);

        var (batch, objectives, dimension) = (manifest.Schema.BatchSize, manifest.Objectives.Count, manifest.EmbeddingDimension);
        GraphRunner?[] runners =
        [
            Open(BundleFiles.UserTower, graphs[0], plan, manifest.Schema, manifest.Schema.Graphs.UserTower, new OutputSpec("heads", [1, objectives, dimension]), differences),
            Open(BundleFiles.ItemTower, graphs[1], plan, manifest.Schema, manifest.Schema.Graphs.ItemTower, new OutputSpec("embeddings", [batch, dimension]), differences),
            Open(BundleFiles.Ranker, graphs[2], plan, manifest.Schema, manifest.Schema.Graphs.Ranker, new OutputSpec("logits", [batch, objectives]), differences),
        ];
        if (differences.Count == 0)
        {
            foreach (var runner in runners)
                runner!.Probe(differences);
        }
        if (differences.Count == 0)
            return new ModelBundle(manifest, SpaceOf(manifest, graphs[0]!, graphs[1]!), runners[0]!, runners[1]!, runners[2]!);
        foreach (var runner in runners)
            runner?.Dispose();
        throw Refused(directory, differences);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        UserTower.Dispose();
        ItemTower.Dispose();
        Ranker.Dispose();
    }

    private static BundleException Refused(string directory, List<string> differences) => new($"the model bundle {Path.GetFileName(Path.GetFullPath(directory))} is refused", differences);

    private static BundleManifest? ParseManifest(byte[]? json, List<string> differences)
    {
        if (json is null)
            return null;
        try
        {
            if (JsonSerializer.Deserialize<BundleManifest>(json, ManifestJson) is { } manifest && !HasNulls(manifest))
                return manifest;
            differences.Add($"{BundleFiles.ManifestName}: is null, or holds null in a list");
        }
        catch (JsonException e)
        {
            differences.Add($"{BundleFiles.ManifestName}: {e.Message}");
        }
        return null;
    }

    // The serializer checks the properties; the elements of lists are left to us.
    private static bool HasNulls(BundleManifest manifest)
    {
        var graphs = manifest.Schema.Graphs;
        return manifest.Vocabularies.Values.Any(v => v?.File is null) || manifest.Sha256.Values.Any(h => h is null)
            || manifest.Schema.Inputs.Any(i => i is null || i.Features.Any(f => f is null))
            || manifest.Objectives.Concat(graphs.UserTower).Concat(graphs.ItemTower).Concat(graphs.Ranker).Any(name => name is null);
    }

    private static void CheckManifest(BundleManifest manifest, List<string> differences)
    {
        if (manifest.FormatVersion != BundleManifest.CurrentFormat)
            differences.Add($"manifest: formatVersion is {manifest.FormatVersion}, this server reads {BundleManifest.CurrentFormat}");
        if (!Limits.IsId(manifest.Version))
            differences.Add("manifest: version is not an id");
        if (!Limits.IsId(manifest.WorldId))
            differences.Add("manifest: worldId is not an id");
        if (manifest.Parent is not null && !Limits.IsId(manifest.Parent))
            differences.Add("manifest: parent is not an id");
        if (manifest.Objectives.Count is 0 or > MaxObjectives || manifest.Objectives.Distinct().Count() != manifest.Objectives.Count || !manifest.Objectives.All(Limits.IsId))
            differences.Add($"manifest: objectives must be 1..{MaxObjectives} distinct ids");
        if (manifest.EmbeddingDimension is < 1 or > MaxEmbeddingDimension)
            differences.Add($"manifest: embeddingDimension is {manifest.EmbeddingDimension}, must be 1..{MaxEmbeddingDimension}");
        if (manifest.ContentDimension != manifest.Schema.ContentDimension)
            differences.Add($"manifest: contentDimension is {manifest.ContentDimension}, the schema says {manifest.Schema.ContentDimension}");
    }

    private static void CheckUnlisted(BundleManifest manifest, List<string> differences)
    {
        var known = manifest.Vocabularies.Values.Select(v => v.File).Concat([BundleFiles.UserTower, BundleFiles.ItemTower, BundleFiles.Ranker]).ToHashSet();
        foreach (var name in manifest.Sha256.Keys.Where(n => !known.Contains(n)))
            differences.Add($"manifest: sha256 names {(name.Length <= 100 ? name : name[..100])}, which is no file of a bundle");
    }

    private static GraphRunner? Open(string name, byte[]? graph, FeaturePlan? plan, FeatureSchema schema, IReadOnlyList<string> inputs, OutputSpec output, List<string> differences)
    {
        if (graph is null)
            return null;
        InferenceSession session;
        try
        {
            session = GraphSessions.Open(graph);
        }
        catch (OnnxRuntimeException e)
        {
            differences.Add($"{name}: ONNX Runtime refuses it: {e.Message}");
            return null;
        }
        GraphSessions.Check(name, session, schema, inputs, output, differences);
        return new GraphRunner(name, session, plan?.Of(inputs) ?? [], output);
    }

    // The towers' vocabularies belong to the space as much as their weights: another row is another vector.
    private static string SpaceOf(BundleManifest manifest, byte[] userTower, byte[] itemTower)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(userTower));
        hash.AppendData(SHA256.HashData(itemTower));
        var towers = manifest.Schema.Graphs.UserTower.Concat(manifest.Schema.Graphs.ItemTower).ToHashSet();
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(manifest.Schema.Inputs.Where(i => towers.Contains(i.Name)), KgJson.Options));
        foreach (var (_, file) in manifest.Vocabularies.OrderBy(v => v.Key, StringComparer.Ordinal))
            hash.AppendData(Convert.FromHexString(manifest.Sha256[file.File]));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}

/// <summary>What a graph's only output must be.</summary>
internal sealed record OutputSpec(string Name, long[] Shape);
