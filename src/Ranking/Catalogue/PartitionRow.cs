using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Turns a document into the columns of a row.</summary>
internal static class PartitionRow
{
    public static void Fill(PartitionChunk chunk, int r, ItemDocument item, PartitionIndexes indexes)
    {
        var tags = ItemColumns.TagKeys(item);
        chunk.Ids[r] = item.ItemId;
        chunk.Tags[r] = tags;
        chunk.PublishedAt[r] = item.PublishedAt?.ToUnixTimeMilliseconds() ?? long.MinValue;
        chunk.ExpiresAt[r] = item.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue;
        chunk.Worlds[r] = ItemKey.OfOptional(item.WorldId);
        chunk.Hidden[r] = item.Hidden == true;
        var dimension = chunk.Content.Length / PartitionChunk.Rows;
        ItemColumns.Describe(item, tags, ref chunk.Items[r], chunk.Content.AsSpan(r * dimension, dimension));
        chunk.Keys[r] = chunk.Items[r].Key;
        chunk.Quality[r] = (float)(item.Quality ?? PartitionChunk.UnknownQuality);
        indexes.Name(chunk.Items[r].Creator, item.CreatorId);
        if (item.SongId is not null)
            indexes.Name(chunk.Items[r].Song, item.SongId);
        foreach (var tag in item.Tags)
            indexes.Name(ItemKey.Of(tag), tag);
    }

    public static void Index(PartitionChunk chunk, int r, int row, PartitionIndexes indexes)
    {
        indexes.Creators.Add(chunk.Items[r].Creator, row);
        indexes.Songs.Add(chunk.Items[r].Song, row);
        foreach (var tag in chunk.Tags[r])
            indexes.Tags.Add(tag, row);
    }

    /// <summary>Takes the names behind a row's keys over into fresh indexes.</summary>
    public static void CopyNames(PartitionChunk chunk, int r, PartitionIndexes from, PartitionIndexes to)
    {
        to.CopyName(chunk.Items[r].Creator, from);
        to.CopyName(chunk.Items[r].Song, from);
        foreach (var tag in chunk.Tags[r])
            to.CopyName(tag, from);
    }
}
