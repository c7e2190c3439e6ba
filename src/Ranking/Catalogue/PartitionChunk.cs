using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Columns of <see cref="Rows"/> items. A row is written once, before a view that contains it is published, and never changes after that.</summary>
internal sealed class PartitionChunk(int contentDimension, int embeddingDimension)
{
    /// <summary>Rows of a chunk: at 64 components the item vectors of a chunk are 256 KB and stay in the second-level cache.</summary>
    public const int Rows = 1024;

    public const float UnknownQuality = 0.5f;

    public readonly ItemRow[] Items = new ItemRow[Rows];
    public readonly ulong[] Keys = new ulong[Rows];
    public readonly string[] Ids = new string[Rows];
    public readonly ulong[][] Tags = new ulong[Rows][];
    public readonly long[] PublishedAt = new long[Rows];
    public readonly long[] ExpiresAt = new long[Rows];
    public readonly ulong[] Worlds = new ulong[Rows];
    public readonly bool[] Hidden = new bool[Rows];

    /// <summary>Quality, <see cref="UnknownQuality"/> where it is not known: a column of its own, since channels pass over it whole.</summary>
    public readonly float[] Quality = new float[Rows];

    /// <summary>Position of the item's document in the shard's log: its version.</summary>
    public readonly long[] LogPositions = new long[Rows];

    public readonly float[] Content = new float[Rows * contentDimension];
    public readonly float[] Embeddings = new float[Rows * embeddingDimension];

    /// <summary>Bytes of the columns, without strings.</summary>
    public long Bytes => Rows * (ItemRow.Size + 8L + 8 + 8 + 8 + 8 + 8 + 1 + 4 + 8) + ((Content.Length + Embeddings.Length) * 4L);

    public void Copy(int to, PartitionChunk from, int row)
    {
        Items[to] = from.Items[row];
        Keys[to] = from.Keys[row];
        Ids[to] = from.Ids[row];
        Tags[to] = from.Tags[row];
        PublishedAt[to] = from.PublishedAt[row];
        ExpiresAt[to] = from.ExpiresAt[row];
        Worlds[to] = from.Worlds[row];
        Hidden[to] = from.Hidden[row];
        Quality[to] = from.Quality[row];
        LogPositions[to] = from.LogPositions[row];
        from.Content.AsSpan(row * contentDimension, contentDimension).CopyTo(Content.AsSpan(to * contentDimension));
        from.Embeddings.AsSpan(row * embeddingDimension, embeddingDimension).CopyTo(Embeddings.AsSpan(to * embeddingDimension));
    }
}
