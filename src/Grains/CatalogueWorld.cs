using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains;

/// <summary>The cluster's own world and the worlds that documents name.</summary>
/// <param name="options">Configuration.</param>
public sealed class CatalogueWorld(IOptions<CatalogueOptions> options)
{
    /// <summary>Id of the cluster's own world.</summary>
    public string OwnId { get; } = options.Value.WorldId;

    /// <summary>Components of a content vector.</summary>
    public int ContentDimension { get; } = options.Value.ContentDimension;

    /// <summary>World that a document belongs to.</summary>
    public string IdOf(string? worldId) => worldId ?? OwnId;

    /// <summary>Key of a world in columns and queries: 0 for the cluster's own, whether it was named or not.</summary>
    public ulong KeyOf(string? worldId) => worldId is null || worldId == OwnId ? 0 : Key64.Of(worldId);

    /// <summary>The document as the partition stores it: the own world is not named.</summary>
    public ItemDocument Normalise(ItemDocument item) => item.WorldId == OwnId ? item with { WorldId = null } : item;
}
