using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Filters;

/// <summary>Whether a field is one of some values; of tags and communities, whether any is.</summary>
internal sealed class FilterKeyCondition(string field, ulong[] keys) : FilterNode
{
    public override bool ReadsAttributes => @field == "communityIds";

    public override bool Matches(in FilterRow row) => field switch
    {
        "kind" => Has((ulong)row.Row.Kind),
        "itemId" => Has(row.Row.Key),
        "creatorId" => Has(row.Row.Creator),
        "songId" => Has(row.Row.Song),
        "region" => Has(row.Row.Region),
        "language" => Has(row.Row.Language),
        "tone" => Has(row.Row.Tone),
        "communityIds" => row.Attributes is { } attributes && attributes.Communities.ContainsAny(keys),
        _ => row.Tags.ContainsAny(keys),
    };

    public override void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch)
    {
        bits.Clear();
        var indexes = view.Rows.Indexes;
        switch (field)
        {
            case "kind": MarkKinds(view, bits); break;
            case "itemId": MarkItems(view, bits); break;
            case "creatorId": MarkPostings(view, indexes.Creators, bits); break;
            case "songId": MarkPostings(view, indexes.Songs, bits); break;
            case "region": MarkPostings(view, indexes.Regions, bits); break;
            case "language": MarkColumn(view, indexes.Languages, isTone: false, bits); break;
            case "tone": MarkColumn(view, indexes.Tones, isTone: true, bits); break;
            case "communityIds": MarkPostings(view, indexes.Communities, bits); break;
            default: MarkPostings(view, indexes.Tags, bits); break;
        }
    }

    private bool Has(ulong key) => Array.IndexOf(keys, key) >= 0;

    private unsafe void MarkKinds(PartitionView view, Span<ulong> bits)
    {
        var words = 1 << (view.ChunkShift - 6);
        for (var word = 0; word < bits.Length; word++)
        {
            var kinds = view.Rows.ColumnsOfChunk(word / words).Kinds + ((word % words) << 6);
            foreach (var key in keys)
                bits[word] |= ColumnMasks.Equal(kinds, (byte)key);
        }
    }

    private void MarkItems(PartitionView view, Span<ulong> bits)
    {
        foreach (var key in keys)
        {
            if (view.Find(key) is >= 0 and var row)
                bits[row >> 6] |= 1UL << row;
        }
    }

    private void MarkPostings(PartitionView view, SymbolIndex index, Span<ulong> bits)
    {
        foreach (var key in keys)
        {
            foreach (var rows in index.Rows(index.Find(key), view.RowCount))
            {
                foreach (var row in rows)
                    bits[row >> 6] |= 1UL << row;
            }
        }
    }

    private unsafe void MarkColumn(PartitionView view, SymbolIndex index, bool isTone, Span<ulong> bits)
    {
        var words = 1 << (view.ChunkShift - 6);
        foreach (var key in keys)
        {
            // Symbol 0 is "none", which no value equals.
            var symbol = index.Find(key);
            if (symbol == 0)
                continue;
            for (var word = 0; word < bits.Length; word++)
            {
                var columns = view.Rows.ColumnsOfChunk(word / words);
                bits[word] |= ColumnMasks.Equal((isTone ? columns.Tones : columns.Languages) + ((word % words) << 6), symbol);
            }
        }
    }
}
