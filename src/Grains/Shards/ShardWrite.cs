using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Grains.Shards;

/// <summary>Makes the document that a write of an item leads to.</summary>
internal static class ShardWrite
{
    /// <summary>Parses and checks the document of a PUT.</summary>
    public static (ItemDocument? Document, WriteResult? Refusal) Put(ItemWrite write, int contentDimension) =>
        Check(WrittenDocument.Put<ItemDocument>(write.Json), write.ItemId, contentDimension);

    /// <summary>Merges a patch (RFC 7396) into the current document and checks the result.</summary>
    public static (ItemDocument? Document, WriteResult? Refusal) Patch(ItemWrite write, ItemDocument current, int contentDimension) =>
        Check(WrittenDocument.Patch(current, write.Json), write.ItemId, contentDimension);

    private static (ItemDocument?, WriteResult?) Check(
        (ItemDocument? Document, WriteResult? Refusal) read, string itemId, int contentDimension)
    {
        if (read.Document is null)
            return read;
        var document = read.Document with { ItemId = itemId, Tags = read.Document.Tags ?? [], CommunityIds = read.Document.CommunityIds ?? [] };
        var errors = ItemValidator.Validate(document, contentDimension);
        return errors.Count == 0 ? (document, null) : (null, WriteResult.Invalid(errors));
    }
}
