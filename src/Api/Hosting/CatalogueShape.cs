using KgOrleans.Grains.Configuration;

namespace KgOrleans.Api.Hosting;

/// <summary>What the API knows of the store behind it.</summary>
/// <param name="Shards">Number of shards.</param>
/// <param name="ContentDimension">Components of the vector named <c>content</c>.</param>
/// <param name="DataPath">Data directory of the embedded silo.</param>
internal sealed record CatalogueShape(int Shards, int ContentDimension, string DataPath)
{
    /// <summary>The shape that the embedded silo is configured with.</summary>
    public static CatalogueShape Of(KgOptions options) => new(options.Shards.Count, options.Catalogue.ContentDimension, options.Data.Path);
}
