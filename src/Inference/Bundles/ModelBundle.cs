using System.Security.Cryptography;
using System.Text.Json;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Keys;
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

    private readonly GraphRunner?[] _runners;

    private ModelBundle(BundleManifest manifest, string spaceId, GraphRunner?[] runners)
    {
        Manifest = manifest;
        SpaceId = spaceId;
        _runners = runners;
        UserTower = new UserTower(runners[0]!);
        ItemTower = new ItemTower(runners[1]!);
        Ranker = new Ranker(runners[2]!);
        ReRanker = runners[3] is { } reRanker ? new ListRanker(reRanker) : null;
        RecallUser = runners[4] is { } user ? new UserTower(user) : null;
        RecallItem = runners[5] is { } item ? new ItemTower(item) : null;
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

    /// <summary>User and item features and fine scores to one score an item of a list; null when the bundle has no list-wise re-ranker.</summary>
    public ListRanker? ReRanker { get; }

    /// <summary>User features to the user vector of the recall head, one row of <see cref="RecallDimension"/>; null when the bundle has no recall head.</summary>
    public UserTower? RecallUser { get; }

    /// <summary>Item features to item vectors of the recall head; there when <see cref="RecallUser"/> is.</summary>
    public ItemTower? RecallItem { get; }

    /// <summary>Components of a vector of the recall head; 0 when the bundle has none. Its vectors belong to <see cref="SpaceId"/> as those of the towers do.</summary>
    public int RecallDimension => Manifest.RecallDimension;

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
        var specs = GraphSpec.Of(manifest);
        CheckUnlisted(manifest, specs, differences);
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
            || manifest.Objectives.Concat(graphs.UserTower).Concat(graphs.ItemTower).Concat(graphs.Ranker).Concat(graphs.ReRanker).Concat(graphs.RecallUser).Concat(graphs.RecallItem).Any(name => name is null);
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
        var heads = (manifest.Schema.Graphs.RecallUser.Count > 0 ? 1 : 0) + (manifest.Schema.Graphs.RecallItem.Count > 0 ? 1 : 0);
        if (heads == 1)
            differences.Add("schema: a recall head has both graphs, recallUser and recallItem");
        if (heads == 0 ? manifest.RecallDimension != 0 : manifest.RecallDimension is < 1 or > MaxEmbeddingDimension)
            differences.Add($"manifest: recallDimension is {manifest.RecallDimension}, must be {(heads == 0 ? "0 without a recall head" : $"1..{MaxEmbeddingDimension}")}");
        if (manifest.ContentDimension != manifest.Schema.ContentDimension)
            differences.Add($"manifest: contentDimension is {manifest.ContentDimension}, the schema says {manifest.Schema.ContentDimension}");
    }

    private static void CheckUnlisted(BundleManifest manifest, GraphSpec?[] specs, List<string> differences)
    {
        var known = manifest.Vocabularies.Values.Select(v => v.File).Concat(specs.OfType<GraphSpec>().Select(s => s.File)).ToHashSet();
        foreach (var name in manifest.Sha256.Keys.Where(n => !known.Contains(n)))
            differences.Add($"manifest: sha256 names {(name.Length <= 100 ? name : name[..100])}, which is no file of a bundle");
    }

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
            differences.Add($"{spec.File}: ONNX Runtime refuses it: {e.Message}");
            return null;
        }
        GraphSessions.Check(spec.File, session, schema, spec.Inputs, spec.Own, spec.Output, differences);
        return new GraphRunner(spec.File, session, plan is null ? [] : spec.Own is null ? plan.Of(spec.Inputs) : [.. plan.Of(spec.Inputs), InputPlan.Unfilled(spec.Own)], spec.Output);
    }

    // The towers' vocabularies belong to the space as much as their weights: another row is another vector.
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
