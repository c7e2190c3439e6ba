namespace KgOrleans.Ranking.Catalogue;

/// <summary>Operation of a record in a shard's log. The byte values are stored and never change.</summary>
public enum ItemLogOperation : byte
{
    /// <summary>The item is now this document.</summary>
    Put = 1,

    /// <summary>The item is gone; the document carries its id only.</summary>
    Delete = 2,
}
