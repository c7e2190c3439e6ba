using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>Makes the document that a write leads to.</summary>
internal static class ShardWrite
{
    /// <summary>Parses and checks the document of a PUT.</summary>
    public static (ItemDocument? Document, WriteResult? Refusal) Put(ItemWrite write, DateTimeOffset now, int contentDimension) => Parse(write.Json, write.ItemId, now, contentDimension);

    /// <summary>Merges a patch (RFC 7396) into the current document and checks the result.</summary>
    public static (ItemDocument? Document, WriteResult? Refusal) Patch(ItemWrite write, ItemDocument current, DateTimeOffset now, int contentDimension)
    {
        try
        {
            var merged = MergePatch.Apply(JsonSerializer.SerializeToNode(current, KgJson.Options), JsonNode.Parse(write.Json, documentOptions: MergePatch.Strict));
            return Parse(JsonSerializer.SerializeToUtf8Bytes(merged), write.ItemId, now, contentDimension);
        }
        catch (JsonException e)
        {
            return (null, WriteResult.Refused(WriteStatus.Invalid, e.Path ?? "$", "invalidJson", e.Message));
        }
    }

    private static (ItemDocument?, WriteResult?) Parse(byte[] json, string itemId, DateTimeOffset now, int contentDimension)
    {
        ItemDocument? document;
        try
        {
            document = JsonSerializer.Deserialize<ItemDocument>(json, KgJson.Options);
        }
        catch (JsonException e)
        {
            return (null, WriteResult.Refused(WriteStatus.Invalid, e.Path ?? "$", "invalidJson", e.Message));
        }
        if (document is null)
            return (null, WriteResult.Refused(WriteStatus.Invalid, "$", "invalidJson", "must be an object"));
        document = document with { ItemId = itemId, Tags = document.Tags ?? [], CommunityIds = document.CommunityIds ?? [] };
        var errors = ItemValidator.Validate(document, now, contentDimension);
        return errors.Count == 0 ? (document, null) : (null, WriteResult.Invalid(errors));
    }
}
