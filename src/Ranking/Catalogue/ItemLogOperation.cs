namespace KgOrleans.Ranking.Catalogue;

/// <summary>What a record of a shard's log says. The byte values are stored and never change.</summary>
public enum ItemLogOperation : byte
{
    /// <summary>The item is now this document.</summary>
    Put = 1,

    /// <summary>The item is gone; the document carries its id only.</summary>
    Delete = 2,
}
