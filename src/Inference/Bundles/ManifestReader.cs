using System.Text.Json;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Bundles;

/// <summary>Reads the manifest of a bundle and checks its values.</summary>
internal static class ManifestReader
{
    private const int MaxObjectives = 16;
    // The largest dimension that the 8-bit kernels can sum without overflow.
    private const int MaxEmbeddingDimension = Int8Rows.LargestDimension;
    private static readonly JsonSerializerOptions Json = new(KgJson.Options) { RespectNullableAnnotations = true };

    /// <summary>Parses a manifest; null when it cannot be read.</summary>
    public static BundleManifest? Parse(byte[]? json, List<string> differences)
    {
        if (json is null)
            return null;
        try
        {
            if (JsonSerializer.Deserialize<BundleManifest>(json, Json) is { } manifest && !HasNulls(manifest))
                return manifest;
            differences.Add($"{BundleFiles.ManifestName}: is null or has null in a list");
        }
        catch (JsonException e)
        {
            differences.Add($"{BundleFiles.ManifestName}: {e.Message}");
        }
        return null;
    }

    // The serializer refuses null properties, but not null elements of lists.
    private static bool HasNulls(BundleManifest manifest)
    {
        var graphs = manifest.Schema.Graphs;
        return manifest.Vocabularies.Values.Any(v => v?.File is null) || manifest.Sha256.Values.Any(h => h is null)
            || manifest.Schema.Inputs.Any(i => i is null || i.Features.Any(f => f is null))
            || ((IReadOnlyList<string>[])[manifest.Objectives, graphs.UserTower, graphs.ItemTower, graphs.Ranker,
                graphs.ReRanker, graphs.RecallUser, graphs.RecallItem])
                .Any(names => names.Any(name => name is null));
    }

    /// <summary>Adds every value of a manifest that is out of range or does not fit the others.</summary>
    public static void Check(BundleManifest manifest, List<string> differences)
    {
        if (manifest.FormatVersion != BundleManifest.CurrentFormat)
            differences.Add($"manifest: formatVersion is {manifest.FormatVersion}, this server reads {BundleManifest.CurrentFormat}");
        if (!Limits.IsId(manifest.Version))
            differences.Add("manifest: version is not an id");
        if (!Limits.IsId(manifest.WorldId))
            differences.Add("manifest: worldId is not an id");
        if (manifest.Parent is not null && !Limits.IsId(manifest.Parent))
            differences.Add("manifest: parent is not an id");
        if (manifest.EmbeddingDimension is < 1 or > MaxEmbeddingDimension)
            differences.Add($"manifest: embeddingDimension is {manifest.EmbeddingDimension}, must be 1..{MaxEmbeddingDimension}");
        if (manifest.Kind == BundleKind.Factors)
            CheckFactors(manifest, differences);
        else
            CheckGraphs(manifest, differences);
    }

    private static void CheckGraphs(BundleManifest manifest, List<string> differences)
    {
        if (manifest.Factors is not null)
            differences.Add("manifest: has factors, which belong to a bundle of kind factors");
        CheckObjectives(manifest, differences);
        var heads = (manifest.Schema.Graphs.RecallUser.Count > 0 ? 1 : 0) + (manifest.Schema.Graphs.RecallItem.Count > 0 ? 1 : 0);
        if (heads == 1)
            differences.Add("schema: a recall head needs both graphs, recallUser and recallItem");
        if (heads == 0 && manifest.RecallDimension != 0)
            differences.Add($"manifest: recallDimension is {manifest.RecallDimension}, must be 0 without a recall head");
        if (heads > 0 && manifest.RecallDimension is < 1 or > MaxEmbeddingDimension)
            differences.Add($"manifest: recallDimension is {manifest.RecallDimension}, must be 1..{MaxEmbeddingDimension}");
        CheckContent(manifest, differences);
    }

    // What nothing would read is refused, so that nobody takes it for a part of the model.
    private static void CheckFactors(BundleManifest manifest, List<string> differences)
    {
        if (manifest.Factors is null)
            differences.Add("manifest: a bundle of kind factors needs the member factors");
        var graphs = manifest.Schema.Graphs;
        if (graphs.UserTower.Count + graphs.ItemTower.Count + graphs.ReRanker.Count + graphs.RecallUser.Count + graphs.RecallItem.Count > 0)
            differences.Add("schema: a bundle of kind factors has no graph but the ranker");
        if (manifest.Vocabularies.Count > 0)
            differences.Add("manifest: a bundle of kind factors has no vocabularies");
        if (manifest.RecallDimension != 0)
            differences.Add("manifest: recallDimension of a bundle of kind factors must be 0");
        var hasRanker = graphs.Ranker.Count > 0;
        if (hasRanker)
        {
            CheckObjectives(manifest, differences);
            foreach (var input in manifest.Schema.Inputs.Where(i => !graphs.Ranker.Contains(i.Name)))
                differences.Add($"schema: input {input.Name} is one that the ranker does not have");
        }
        else if (manifest.Objectives.Count > 0 || manifest.Schema.Inputs.Count > 0 || manifest.ContentDimension != 0)
        {
            differences.Add("manifest: a bundle of kind factors without a ranker has no objectives, inputs and contentDimension");
        }
        CheckContent(manifest, differences);
        foreach (var name in manifest.Sha256.Keys.Where(n => n != BundleFiles.Factors && !(hasRanker && n == BundleFiles.Ranker)))
            differences.Add($"manifest: sha256 names {(name.Length <= 100 ? name : name[..100])}, which is not a file of this bundle of kind factors");
    }

    private static void CheckObjectives(BundleManifest manifest, List<string> differences)
    {
        var objectives = manifest.Objectives;
        if (objectives.Count is 0 or > MaxObjectives || objectives.Distinct().Count() != objectives.Count || !objectives.All(Limits.IsId))
            differences.Add($"manifest: objectives must be 1..{MaxObjectives} distinct ids");
    }

    private static void CheckContent(BundleManifest manifest, List<string> differences)
    {
        if (manifest.ContentDimension != manifest.Schema.ContentDimension)
            differences.Add($"manifest: contentDimension is {manifest.ContentDimension}, the schema says {manifest.Schema.ContentDimension}");
    }

    /// <summary>Adds every file that the manifest names and no bundle has.</summary>
    public static void CheckFiles(BundleManifest manifest, GraphSpec?[] specs, List<string> differences)
    {
        var known = manifest.Vocabularies.Values.Select(v => v.File).Concat(specs.OfType<GraphSpec>().Select(s => s.File)).ToHashSet();
        foreach (var name in manifest.Sha256.Keys.Where(n => !known.Contains(n)))
            differences.Add($"manifest: sha256 names {(name.Length <= 100 ? name : name[..100])}, which is not a file of a bundle");
    }
}
