using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Turns the columns of a row back into the records that features, diversity and rules read.</summary>
internal static unsafe class RowReader
{
    /// <summary>What an unknown quality counts as.</summary>
    public const float UnknownQuality = 0.5f;

    /// <summary>Quality as channels see it.</summary>
    public static float QualityOf(float quality) => float.IsNaN(quality) ? UnknownQuality : quality;

    /// <summary>Scalar columns of a row; counters stay 0.</summary>
    public static ItemRow Read(RowStore rows, int row)
    {
        var (columns, place, indexes) = (rows.Columns(row), rows.Place(row), rows.Indexes);
        var item = new ItemRow
        {
            Key = columns.Keys[place],
            Creator = indexes.Creators.KeyAt(columns.Creators[place]),
            Song = indexes.Songs.KeyAt(columns.Songs[place]),
            Region = indexes.Regions.KeyAt(columns.Regions[place]),
            Language = indexes.Languages.KeyAt(columns.Languages[place]),
            Tone = indexes.Tones.KeyAt(columns.Tones[place]),
            PublishedAt = columns.PublishedAt[place],
            DurationSeconds = columns.Durations[place],
            Quality = columns.Qualities[place],
            Kind = columns.KindOf(place),
            HasContent = (columns.Flags[place] & ChunkColumns.ContentFlag) != 0 ? (byte)1 : (byte)0,
        };
        var tags = rows.TagsOf(row);
        for (var i = 0; i < Math.Min(tags.Length, ItemRow.TagCapacity); i++)
            item.Tags[i] = indexes.Tags.KeyAt(tags[i]);
        return item;
    }

    /// <summary>Content vector of a place.</summary>
    public static void CopyContent(in ChunkColumns columns, int place, Span<float> content)
    {
        if (!content.IsEmpty)
            Int8Rows.Dequantise(columns.ContentCodesOf(place), columns.ContentResidualsOf(place), columns.ContentScales[place], content);
    }
}
