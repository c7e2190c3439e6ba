using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Items;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Models;

/// <summary>The bundle that this silo serves with, or none. It is loaded and checked before the silo starts; one that does not fit stops the process.</summary>
public sealed partial class ModelHost : IDisposable
{
    private readonly ILogger<ModelHost> _logger;
    private readonly CatalogueWorld _world;
    private int _embedFailureLogged;

    /// <summary>Loads the configured bundle.</summary>
    /// <exception cref="BundleException">The bundle contradicts itself or does not fit this catalogue; every difference is named.</exception>
    public ModelHost(IOptions<ModelOptions> options, CatalogueWorld world, ILogger<ModelHost> logger)
    {
        _logger = logger;
        _world = world;
        var path = options.Value.Path;
        if (string.IsNullOrWhiteSpace(path))
            return;
        var bundle = ModelBundle.Load(path);
        var differences = new List<string>();
        if (bundle.WorldId != world.OwnId)
            differences.Add($"the bundle was trained for world '{bundle.WorldId}', this catalogue is '{world.OwnId}' (Kg:Catalogue:WorldId)");
        if (bundle.ContentDimension != 0 && bundle.ContentDimension != world.ContentDimension)
        {
            differences.Add(
                $"the bundle expects content vectors of {bundle.ContentDimension} components, "
                + $"this catalogue has {world.ContentDimension} (Kg:Catalogue:ContentDimension)");
        }
        if (differences.Count > 0)
        {
            bundle.Dispose();
            throw new BundleException($"the model bundle {bundle.Version} does not belong to this catalogue", differences);
        }
        Bundle = bundle;
        LogLoaded(bundle.Version, bundle.SpaceId);
    }

    /// <summary>The bundle; null when none is configured.</summary>
    public ModelBundle? Bundle { get; }

    /// <summary>Components of an item vector; 0 without a model.</summary>
    public int EmbeddingDimension => Bundle?.EmbeddingDimension ?? 0;

    /// <summary>Components of a vector of the recall head; 0 without one.</summary>
    public int RecallDimension => Bundle?.RecallDimension ?? 0;

    /// <summary>Embedding space; null without a model.</summary>
    public string? SpaceId => Bundle?.SpaceId;

    /// <summary>
    /// Vectors of documents. An item without a vector of the item tower has no pre-rank score; an item without the vector that the model channel scores is
    /// found by the other channels only.
    /// </summary>
    public ItemVectors Embed(IReadOnlyList<ItemDocument> documents)
    {
        var vectors = new ItemVectors(documents.Count, EmbeddingDimension, RecallDimension);
        if (Bundle is null || documents.Count == 0)
            return vectors;
        var hasTower = false;
        try
        {
            var block = ItemColumns.Block(documents, _world.ContentDimension, embeddingDimension: 0);
            Bundle.ItemTower.Compute(block, vectors.Tower);
            hasTower = true;
            Bundle.RecallItem?.Compute(block, vectors.Recall);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A document without vectors is better than none. The next load computes them again.
            if (Interlocked.Exchange(ref _embedFailureLogged, 1) == 0)
                LogEmbedFailed(e, documents.Count);
            if (!hasTower)
                Array.Fill(vectors.Tower, float.NaN);
            Array.Fill(vectors.Recall, float.NaN);
        }
        vectors.MarkNotFinite();
        return vectors;
    }

    /// <inheritdoc />
    public void Dispose() => Bundle?.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "Model bundle {Version} loaded, embedding space {SpaceId}")]
    private partial void LogLoaded(string version, string spaceId);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Item tower or recall head failed for {Count} items, which lack its vectors until they are written again. Later failures are not logged")]
    private partial void LogEmbedFailed(Exception e, int count);
}
