using System.Text.Json;
using KgOrleans.Inference.Features;

namespace KgOrleans.Inference.Bundles;

/// <summary><c>manifest.json</c>: what a bundle is and contains.</summary>
public sealed record BundleManifest
{
    /// <summary>The format that this code reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format of the bundle.</summary>
    public int FormatVersion { get; init; }

    /// <summary>What its towers are.</summary>
    public BundleKind Kind { get; init; }

    /// <summary>Name of this version, an id.</summary>
    public string Version { get; init; } = "";

    /// <summary>Version that the training started from, if any.</summary>
    public string? Parent { get; init; }

    /// <summary>Catalogue that the bundle was trained for. Its ids mean nothing in another catalogue.</summary>
    public string WorldId { get; init; } = "";

    /// <summary>Objectives in the order of heads and logits; in a bundle of factors those of its ranker, none without one.</summary>
    public IReadOnlyList<string> Objectives { get; init; } = [];

    /// <summary>Components of an item vector and of each user head.</summary>
    public int EmbeddingDimension { get; init; }

    /// <summary>Components of a vector of the recall head; 0 when the bundle has none.</summary>
    public int RecallDimension { get; init; }

    /// <summary>Components of an item's content vector; 0 in a bundle of factors whose ranker reads none.</summary>
    public int ContentDimension { get; init; }

    /// <summary>What the file of factors holds; null in a bundle of graphs.</summary>
    public FactorsSection? Factors { get; init; }

    /// <summary>The feature schema; in a bundle of factors that of its ranker, empty without one.</summary>
    public FeatureSchema Schema { get; init; } = new();

    /// <summary>Vocabularies by name.</summary>
    public IReadOnlyDictionary<string, VocabularyFile> Vocabularies { get; init; } = new Dictionary<string, VocabularyFile>();

    /// <summary>SHA-256 (lower-case hex) of every file but the manifest.</summary>
    public IReadOnlyDictionary<string, string> Sha256 { get; init; } = new Dictionary<string, string>();

    /// <summary>Metrics measured in training.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Description of the training data, for people.</summary>
    public IReadOnlyDictionary<string, JsonElement> TrainingData { get; init; } = new Dictionary<string, JsonElement>();
}
