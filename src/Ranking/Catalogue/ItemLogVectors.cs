namespace KgOrleans.Ranking.Catalogue;

/// <summary>What the model made of the document of a record, as it stands in the record's bytes.</summary>
/// <param name="version">The item's version; null in a record of an earlier version.</param>
/// <param name="spaceId">Space of the vectors, ASCII; empty without any.</param>
/// <param name="vector">Vector of the item tower; empty without one.</param>
/// <param name="recall">Vector of the recall head; empty without one.</param>
public readonly ref struct ItemLogVectors(long? version, ReadOnlySpan<byte> spaceId, ReadOnlySpan<float> vector, ReadOnlySpan<float> recall)
{
    /// <summary>The item's version; null in a record of an earlier version.</summary>
    public long? Version { get; } = version;

    /// <summary>Space of the vectors, ASCII; empty without any.</summary>
    public ReadOnlySpan<byte> SpaceId { get; } = spaceId;

    /// <summary>Vector of the item tower; empty without one.</summary>
    public ReadOnlySpan<float> Vector { get; } = vector;

    /// <summary>Vector of the recall head; empty without one.</summary>
    public ReadOnlySpan<float> Recall { get; } = recall;
}
