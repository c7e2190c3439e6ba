using KgOrleans.Kernels;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Turns a document into the columns of a row.</summary>
internal static class PartitionRow
{
    public static void Fill(PartitionChunk chunk, int r, ItemDocument item, PartitionIndexes indexes)
    {
        var tags = ItemKey.OfAll(item.Tags);
        chunk.Ids[r] = item.ItemId;
        chunk.Tags[r] = tags;
        chunk.PublishedAt[r] = item.PublishedAt?.ToUnixTimeMilliseconds() ?? long.MinValue;
        chunk.ExpiresAt[r] = item.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue;
        chunk.Worlds[r] = ItemKey.OfOptional(item.WorldId);
        chunk.Hidden[r] = item.Hidden == true;
        var dimension = chunk.Content.Length / PartitionChunk.Rows;
        Describe(item, tags, ref chunk.Items[r], chunk.Content.AsSpan(r * dimension, dimension));
        chunk.Keys[r] = chunk.Items[r].Key;
        indexes.Name(chunk.Items[r].Creator, item.CreatorId);
        if (item.SongId is not null)
            indexes.Name(chunk.Items[r].Song, item.SongId);
        for (var i = 0; i < tags.Length; i++)
            indexes.Name(tags[i], item.Tags[i]);
    }

    /// <summary>Writes the scalar columns and the unit content vector of a document; counters stay 0.</summary>
    public static void Describe(ItemDocument item, ReadOnlySpan<ulong> tags, ref ItemRow row, Span<float> content)
    {
        row = new ItemRow
        {
            Key = ItemKey.Of(item.ItemId),
            Creator = ItemKey.Of(item.CreatorId),
            Song = ItemKey.OfOptional(item.SongId),
            Region = ItemKey.OfOptional(item.Region),
            Language = ItemKey.OfOptional(item.Language),
            Tone = ItemKey.OfOptional(item.Tone),
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

    public static void Index(PartitionChunk chunk, int r, int row, PartitionIndexes indexes)
    {
        indexes.Creators.Add(chunk.Items[r].Creator, row);
        indexes.Songs.Add(chunk.Items[r].Song, row);
        foreach (var tag in chunk.Tags[r])
            indexes.Tags.Add(tag, row);
    }
}
