namespace KgOrleans.Ranking.Catalogue;

/// <summary>What a partition's columns are laid out for.</summary>
/// <param name="ContentDimension">Components of a content vector; 0 for none.</param>
/// <param name="EmbeddingDimension">Components of an item vector, at most 512; 0 without a model.</param>
/// <param name="SpaceId">Embedding space of the item vectors; null without a model.</param>
public sealed record PartitionSettings(int ContentDimension, int EmbeddingDimension, string? SpaceId)
{
    /// <summary>Default of <see cref="ChunkShift"/>: 32,768 rows, whose codes at 64 components are one huge page.</summary>
    public const int DefaultChunkShift = 15;

    /// <summary>Components of an item's vector of the recall head, at most 512; 0 without one. Without a model there is none.</summary>
    public int RecallDimension { get; init; }

    /// <summary>Rows of a chunk as a power of two, 6..20.</summary>
    public int ChunkShift { get; init; } = DefaultChunkShift;
}
