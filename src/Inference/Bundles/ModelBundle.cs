using System.Security.Cryptography;
using System.Text.Json;
using KgOrleans.Inference.Factors;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Keys;
using Microsoft.ML.OnnxRuntime;

namespace KgOrleans.Inference.Bundles;

/// <summary>
/// A loaded and checked model bundle: two towers and, where it has one, a fine ranker. The towers are ONNX graphs or fitted factors
/// (<see cref="BundleKind"/>). Immutable and thread-safe. A call that runs while the bundle is disposed completes; a later call of a graph throws
/// <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed class ModelBundle : IDisposable
{
    private readonly GraphRunner?[] _runners;

    private ModelBundle(BundleManifest manifest, string spaceId, GraphRunner?[] runners)
    {
        Manifest = manifest;
        SpaceId = spaceId;
        _runners = runners;
        UserTower = new OnnxUserTower(runners[0]!);
        ItemTower = new OnnxItemTower(runners[1]!);
        Ranker = runners[2] is { } ranker ? new Ranker(ranker) : null;
        ReRanker = runners[3] is { } reRanker ? new ListRanker(reRanker) : null;
        RecallUser = runners[4] is { } user ? new OnnxUserTower(user) : null;
        RecallItem = runners[5] is { } item ? new OnnxItemTower(item) : null;
    }

    private ModelBundle(BundleManifest manifest, string spaceId, FactorSpace space, GraphRunner? ranker)
    {
        Manifest = manifest;
        SpaceId = spaceId;
        _runners = [ranker];
        Ranker = ranker is null ? null : new Ranker(ranker, space);
        UserTower = new FactorUserTower(space);
        ItemTower = new FactorItemTower(space);
    }

    /// <summary>The manifest.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>Version of the bundle.</summary>
    public string Version => Manifest.Version;

    /// <summary>Catalogue that the bundle was trained for.</summary>
    public string WorldId => Manifest.WorldId;

    /// <summary>Objectives in the order of the ranker's logits; none in a bundle of factors without a ranker.</summary>
    public IReadOnlyList<string> Objectives => Manifest.Objectives;

    /// <summary>Objectives in the order of the user's heads; none in a bundle of factors, whose one head serves every scene as it is.</summary>
    public IReadOnlyList<string> HeadObjectives => Manifest.Kind == BundleKind.Factors ? [] : Manifest.Objectives;

    /// <summary>Components of an item vector and of each user head.</summary>
    public int EmbeddingDimension => Manifest.EmbeddingDimension;

    /// <summary>Components of the content vectors that the features expect, where a vector of another size counts as absent; 0 when none reads them.</summary>
    public int ContentDimension => Manifest.ContentDimension;

    /// <summary>Id of the embedding space: 16 hex digits. Only item and user vectors with the same id may be compared.</summary>
    public string SpaceId { get; }

    /// <summary>Computes user heads from user features.</summary>
    public IUserTower UserTower { get; }

    /// <summary>Computes item vectors from item features.</summary>
    public IItemTower ItemTower { get; }

    /// <summary>Computes logits from user and item features; null when the bundle has no fine ranker, and pages end on pre-rank scores.</summary>
    public Ranker? Ranker { get; }

    /// <summary>Scores a list from its features and fine scores; null when the bundle has no list-wise re-ranker.</summary>
    public ListRanker? ReRanker { get; }

    /// <summary>Computes the user vector of the recall head, <see cref="RecallDimension"/> components; null when the bundle has no recall head.</summary>
    public IUserTower? RecallUser { get; }

    /// <summary>Computes the item vectors of the recall head; null when the bundle has no recall head.</summary>
    public IItemTower? RecallItem { get; }

    /// <summary>
    /// Components of a vector of the recall head; 0 when the bundle has none. Its vectors belong to <see cref="SpaceId"/>, as the vectors of the towers do.
    /// </summary>
    public int RecallDimension => Manifest.RecallDimension;

    /// <summary>
    /// Loads a bundle folder and checks it: files, hashes, schema, vocabularies, the inputs and outputs of the graphs, and one run of every graph with the
    /// largest ids. Throws <see cref="BundleException"/> with every difference.
    /// </summary>
    /// <param name="directory">Folder with <c>manifest.json</c>.</param>
    public static ModelBundle Load(string directory)
    {
        var differences = new List<string>();
        var files = new BundleFiles(directory, differences);
        if (ManifestReader.Parse(files.ReadManifest(), differences) is not { } manifest)
            throw Refused(directory, differences);
        ManifestReader.Check(manifest, differences);
        if (manifest.Kind == BundleKind.Factors)
            return LoadFactors(directory, files, manifest, differences);

        var vocabularies = new Dictionary<string, Vocabulary>();
        foreach (var (name, file) in manifest.Vocabularies)
        {
            // A refused vocabulary counts as present, so that only its own difference is reported.
            vocabularies[name] = files.ReadVocabulary(name, file, manifest) ?? new Vocabulary([]);
        }
        var plan = FeaturePlan.TryCreate(manifest.Schema, manifest.Kind, vocabularies, differences);
        var specs = GraphSpec.Of(manifest);
        ManifestReader.CheckFiles(manifest, specs, differences);
        var graphs = new byte[]?[specs.Length];
        var runners = new GraphRunner?[specs.Length];
        for (var g = 0; g < specs.Length; g++)
        {
            graphs[g] = specs[g] is { } spec ? files.ReadGraph(spec.File, manifest) : null;
            runners[g] = specs[g] is { } present ? Open(present, graphs[g], plan, manifest.Schema, differences) : null;
        }
        if (differences.Count == 0)
        {
            foreach (var runner in runners)
                runner?.Probe(differences);
        }
        if (differences.Count == 0)
            return new ModelBundle(manifest, SpaceOf(manifest, graphs), runners);
        foreach (var runner in runners)
            runner?.Dispose();
        throw Refused(directory, differences);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var runner in _runners)
            runner?.Dispose();
    }

    private static ModelBundle LoadFactors(string directory, BundleFiles files, BundleManifest manifest, List<string> differences)
    {
        GraphRunner? ranker = null;
        if (GraphSpec.RankerOf(manifest) is { } spec)
        {
            var plan = FeaturePlan.TryCreate(manifest.Schema, manifest.Kind, new Dictionary<string, Vocabulary>(), differences);
            ranker = Open(spec, files.ReadGraph(spec.File, manifest), plan, manifest.Schema, differences);
        }
        if (differences.Count == 0)
            ranker?.Probe(differences);
        if (FactorsReader.Read(files, manifest, differences, out var space) is { } spaceId)
            return new ModelBundle(manifest, spaceId, space!, ranker);
        ranker?.Dispose();
        throw Refused(directory, differences);
    }

    private static BundleException Refused(string directory, List<string> differences) =>
        new($"the model bundle {Path.GetFileName(Path.GetFullPath(directory))} is refused", differences);

    private static GraphRunner? Open(GraphSpec spec, byte[]? graph, FeaturePlan? plan, FeatureSchema schema, List<string> differences)
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
            differences.Add($"{spec.File}: ONNX Runtime cannot load it: {e.Message}");
            return null;
        }
        GraphSessions.Check(spec.File, session, schema, spec.Inputs, spec.Own, spec.Output, differences);
        var inputs = plan is null ? [] : spec.Own is null ? plan.Of(spec.Inputs) : [.. plan.Of(spec.Inputs), InputPlan.Unfilled(spec.Own)];
        return new GraphRunner(spec.File, session, inputs, spec.Output);
    }

    // Vocabularies are part of the space as weights are: with another row an id has another vector.
    private static string SpaceOf(BundleManifest manifest, byte[]?[] files)
    {
        var graphs = manifest.Schema.Graphs;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in (ReadOnlySpan<byte[]?>)[files[0], files[1], files[4], files[5]])
        {
            if (file is not null)
                hash.AppendData(SHA256.HashData(file));
        }
        var towers = graphs.UserTower.Concat(graphs.ItemTower).Concat(graphs.RecallUser).Concat(graphs.RecallItem).ToHashSet();
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(manifest.Schema.Inputs.Where(i => towers.Contains(i.Name)), KgJson.Options));
        foreach (var (_, file) in manifest.Vocabularies.OrderBy(v => v.Key, StringComparer.Ordinal))
            hash.AppendData(Convert.FromHexString(manifest.Sha256[file.File]));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
