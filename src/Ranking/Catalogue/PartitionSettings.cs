namespace KgOrleans.Ranking.Catalogue;

/// <summary>Dimensions that a partition's columns are laid out for.</summary>
/// <param name="ContentDimension">Components of a content vector.</param>
/// <param name="EmbeddingDimension">Components of an item vector; 0 without a model.</param>
/// <param name="SpaceId">Embedding space of the item vectors; null without a model.</param>
public sealed record PartitionSettings(int ContentDimension, int EmbeddingDimension, string? SpaceId);
