using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Items;

/// <summary>
/// Columns of some items, as features, diversity and rules need them. The second round of a request fetches them from the shards; replay builds them from the
/// log. Row i of every column belongs to the same item.
/// Rows are fixed-size records, so that a block crosses a wire as a few byte arrays.
/// </summary>
public sealed class ItemBlock
{
    /// <summary>An empty block of a size.</summary>
    /// <param name="count">Number of items.</param>
    /// <param name="contentDimension">Components of a content vector.</param>
    /// <param name="embeddingDimension">Components of an item vector of the embedding space; 0 without a model.</param>
    public ItemBlock(int count, int contentDimension, int embeddingDimension)
        : this(count, contentDimension, embeddingDimension, new byte[count * ItemRow.Size], new byte[count * contentDimension * sizeof(float)],
            new byte[count * embeddingDimension * sizeof(float)], new string[count])
    {
    }

    /// <summary>A block over arrays that came over a wire. Throws <see cref="ArgumentException"/> when their lengths do not fit.</summary>
    public ItemBlock(int count, int contentDimension, int embeddingDimension, byte[] rows, byte[] content, byte[] embeddings, string[] ids)
    {
        if (rows.Length != count * ItemRow.Size || content.Length != count * contentDimension * sizeof(float)
            || embeddings.Length != count * embeddingDimension * sizeof(float) || ids.Length != count)
            throw new ArgumentException("the columns of an item block have lengths that do not fit its count and dimensions");
        Count = count;
        ContentDimension = contentDimension;
        EmbeddingDimension = embeddingDimension;
        RowBytes = rows;
        ContentBytes = content;
        EmbeddingBytes = embeddings;
        Ids = ids;
    }

    /// <summary>Number of items.</summary>
    public int Count { get; }

    /// <summary>Components of a content vector.</summary>
    public int ContentDimension { get; }

    /// <summary>Components of an item vector.</summary>
    public int EmbeddingDimension { get; }

    /// <summary>What filters read of each item beside its row; null when no filter does.</summary>
    public ItemAttributes[]? Attributes { get; set; }

    /// <summary>Item ids, in row order.</summary>
    public string[] Ids { get; }

    /// <summary><see cref="Rows"/> as bytes.</summary>
    public byte[] RowBytes { get; }

    /// <summary>Content vectors as bytes.</summary>
    public byte[] ContentBytes { get; }

    /// <summary>Item vectors as bytes.</summary>
    public byte[] EmbeddingBytes { get; }

    /// <summary>Scalar columns of every item.</summary>
    public Span<ItemRow> Rows => MemoryMarshal.Cast<byte, ItemRow>(RowBytes.AsSpan());

    /// <summary>
    /// Content vectors of all items, contiguous: Count x ContentDimension. Unit length; of an item without one, a direction made from its tags and creator
    /// (<see cref="ContentVectors"/>).
    /// </summary>
    public Span<float> Content => MemoryMarshal.Cast<byte, float>(ContentBytes.AsSpan());

    /// <summary>Item vectors of all items, contiguous: Count x EmbeddingDimension; zero where the space has none.</summary>
    public Span<float> Embeddings => MemoryMarshal.Cast<byte, float>(EmbeddingBytes.AsSpan());

    /// <summary>Content vector of one item.</summary>
    public Span<float> ContentOf(int i) => Content.Slice(i * ContentDimension, ContentDimension);

    /// <summary>Item vector of one item.</summary>
    public Span<float> EmbeddingOf(int i) => Embeddings.Slice(i * EmbeddingDimension, EmbeddingDimension);

    /// <summary>Copies row <paramref name="from"/> of another block of the same dimensions into row <paramref name="to"/> of this one.</summary>
    public void CopyRow(int to, ItemBlock other, int from)
    {
        Rows[to] = other.Rows[from];
        Ids[to] = other.Ids[from];
        if (other.Attributes is { } attributes)
            (Attributes ??= new ItemAttributes[Count])[to] = attributes[from];
        other.ContentOf(from).CopyTo(ContentOf(to));
        if (EmbeddingDimension > 0 && other.EmbeddingDimension == EmbeddingDimension)
            other.EmbeddingOf(from).CopyTo(EmbeddingOf(to));
    }
}
