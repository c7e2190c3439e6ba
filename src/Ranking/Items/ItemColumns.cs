using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Items;

/// <summary>Turns documents into columns, for partitions, replay and evaluation alike.</summary>
public static class ItemColumns
{
    /// <summary>A block of documents; counters and item vectors are 0.</summary>
    public static ItemBlock Block(IReadOnlyList<ItemDocument> items, int contentDimension, int embeddingDimension)
    {
        var block = new ItemBlock(items.Count, contentDimension, embeddingDimension) { Attributes = [.. items.Select(ItemAttributes.Of)] };
        for (var i = 0; i < items.Count; i++)
        {
            Describe(items[i], TagKeys(items[i]), ref block.Rows[i], block.ContentOf(i));
            block.Ids[i] = items[i].ItemId;
        }
        return block;
    }

    /// <summary>Keys of a document's tags, in order, each once: an item must not gain interest by naming a tag twice.</summary>
    public static ulong[] TagKeys(ItemDocument item) => [.. Key64.OfAll(item.Tags).Distinct()];

    /// <summary>Writes the scalar columns and the unit content vector of a document; counters stay 0.</summary>
    public static void Describe(ItemDocument item, ReadOnlySpan<ulong> tags, ref ItemRow row, Span<float> content)
    {
        row = new ItemRow
        {
            Key = Key64.Of(item.ItemId),
            Creator = Key64.Of(item.CreatorId),
            Song = Key64.OfOptional(item.SongId),
            Region = Key64.OfOptional(item.Region),
            Language = Key64.OfOptional(item.Language),
            Tone = Key64.OfOptional(item.Tone),
            PublishedAt = item.PublishedAt?.ToUnixTimeMilliseconds() ?? long.MinValue,
            DurationSeconds = (float)(item.DurationSeconds ?? double.NaN),
            Quality = (float)(item.Quality ?? double.NaN),
            Kind = item.Kind,
        };
        for (var i = 0; i < Math.Min(tags.Length, ItemRow.TagCapacity); i++)
            row.Tags[i] = tags[i];
        if (item.Vectors?.GetValueOrDefault(ItemValidator.ContentVector) is { } vector && vector.Length == content.Length)
        {
            vector.CopyTo(content);
            row.HasContent = VectorMath.Normalise(content) ? (byte)1 : (byte)0;
        }
        if (row.HasContent == 0)
            ContentVectors.FromKeys(tags, row.Creator, content);
    }
}
