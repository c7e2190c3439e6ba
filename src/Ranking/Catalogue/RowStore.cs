using KgOrleans.Kernels.Dot;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The parts of a partition that only grow: columns, texts, lists, indexes, the map of keys. A compaction makes a new store; older views keep theirs.
/// </summary>
internal sealed unsafe partial class RowStore
{
    // At 10^7 items a table is a huge page.
    private const int MapDirectoryBits = 6;

    // Rows are indexed a few rows late: by then the ends of their lists are in the cache.
    private const int IndexedLate = 8;

    private readonly PartitionMemory _memory;
    private readonly KeyTable<Keys> _map;
    private readonly IntHeap _lists;
    private readonly RowLists _rowLists;
    private nint[] _chunks = [];
    private int _rowCount;
    private int _indexedCount;

    public RowStore(PartitionMemory memory, ChunkLayout layout)
    {
        _memory = memory;
        _map = new KeyTable<Keys>(memory, new Keys(this), MapDirectoryBits);
        _lists = new IntHeap(memory);
        _rowLists = new RowLists(_lists);
        Layout = layout;
        Text = new TextHeap(memory);
        Indexes = new PartitionIndexes(memory, Text, _lists);
    }

    public ChunkLayout Layout { get; }

    public TextHeap Text { get; }

    public PartitionIndexes Indexes { get; }

    /// <summary>Rows written. Writer only.</summary>
    public int RowCount => _rowCount;

    /// <summary>Whether the next row is the first of a chunk that is not there yet. Writer only.</summary>
    public bool NeedsChunk => _rowCount >> Layout.Shift == _chunks.Length;

    /// <summary>Columns of the chunk of a row.</summary>
    public ChunkColumns Columns(int row) => ColumnsOfChunk(row >> Layout.Shift);

    /// <summary>Columns of a chunk.</summary>
    public ChunkColumns ColumnsOfChunk(int chunk) => new(Volatile.Read(ref _chunks)[chunk], Layout);

    /// <summary>Place of a row in its chunk.</summary>
    public int Place(int row) => row & (Layout.Rows - 1);

    /// <summary>Makes room for one more chunk. Writer only.</summary>
    public void AddChunk() => Volatile.Write(ref _chunks, [.. _chunks, _memory.Allocate(Layout.Bytes, huge: _chunks.Length > 0)]);

    /// <summary>Newest row of a key, published or not; -1 when it was never written.</summary>
    public int Newest(ulong key) => _map.Find(key);

    /// <summary>Newest row of a key below a count.</summary>
    public int Find(ulong key, int rowCount)
    {
        var row = _map.Find(key);
        while (row >= rowCount)
            row = Columns(row).Previous[Place(row)];
        return row;
    }

    /// <summary>Newest row of a partial key, published or not; -1 when there is none.</summary>
    public int NewestPartial(ulong partial) => _map.FindPartial(partial);

    /// <summary>Newest row of a partial key below a count.</summary>
    public int FindPartial(ulong partial, int rowCount)
    {
        var row = _map.FindPartial(partial);
        while (row >= rowCount)
            row = Columns(row).Previous[Place(row)];
        return row;
    }

    /// <summary>Key of a row.</summary>
    public ulong KeyAt(int row) => Columns(row).Keys[Place(row)];

    /// <summary>UTF-8 of the id of a row.</summary>
    public ReadOnlySpan<byte> IdOf(int row) => Text[Columns(row).Ids[Place(row)]];

    /// <summary>Symbols of the tags of a row.</summary>
    public ReadOnlySpan<int> TagsOf(int row) => _rowLists.Tags(Columns(row).Lists[Place(row)]);

    /// <summary>Symbols of the communities of a row.</summary>
    public ReadOnlySpan<int> CommunitiesOf(int row) => _rowLists.Communities(Columns(row).Lists[Place(row)]);

    /// <summary>Symbols of the names of a row's features.</summary>
    public ReadOnlySpan<int> FeaturesOf(int row) => _rowLists.Features(Columns(row).Lists[Place(row)]);

    /// <summary>Values of a row's features.</summary>
    public ReadOnlySpan<float> FeatureValuesOf(int row) => _rowLists.FeatureValues(Columns(row).Lists[Place(row)]);

    /// <summary>Value of a row's feature by the symbol of its name; NaN when the row has none.</summary>
    public float FeatureOf(int row, int symbol) => FeaturesOf(row).IndexOf(symbol) is >= 0 and var i ? FeatureValuesOf(row)[i] : float.NaN;

    /// <summary>Appends a row and maps it; <see cref="FinishIndexes"/> completes the indexes. Writer only; there must be room.</summary>
    /// <param name="item">The item.</param>
    /// <param name="previous">Row of the same item before; -1 for none.</param>
    public int Append(in DecodedItem item, int previous)
    {
        var row = _rowCount;
        var columns = Columns(row);
        var place = Place(row);
        columns.Keys[place] = item.Key;
        columns.PublishedAt[place] = item.PublishedAt;
        columns.ExpiresAt[place] = item.ExpiresAt;
        columns.LogPositions[place] = item.LogPosition;
        columns.Versions[place] = item.Version;
        columns.Creators[place] = Indexes.Creators.Add(item.CreatorKey, item.Creator);
        columns.Songs[place] = Indexes.Songs.Add(item.SongKey, item.Song);
        columns.Regions[place] = Indexes.Regions.Add(item.RegionKey, []);
        columns.Languages[place] = Indexes.Languages.Add(item.LanguageKey, []);
        columns.Tones[place] = Indexes.Tones.Add(item.ToneKey, []);
        columns.Worlds[place] = Indexes.Worlds.Add(item.WorldKey, []);
        columns.Previous[place] = previous;
        // An item keeps its id: its later rows share the text.
        columns.Ids[place] = previous >= 0 ? Columns(previous).Ids[Place(previous)] : Text.Add(item.Id);
        columns.Durations[place] = item.DurationSeconds;
        columns.Qualities[place] = item.Quality;
        columns.Kinds[place] = (byte)item.Kind;
        columns.Flags[place] = (byte)((item.Hidden ? ChunkColumns.HiddenFlag : 0) | (item.HasContent ? ChunkColumns.ContentFlag : 0));
        if (Layout.ContentDimension > 0)
            columns.ContentScales[place] = Int8Rows.Quantise(item.Content, columns.ContentCodesOf(place), columns.ContentResidualsOf(place));
        columns.Lists[place] = AddList(item);
        columns.TagShares[place] = TagShare.Stored(item.TagKeys.Length);
        Finish(columns, place, row, previous);
        return row;
    }

    /// <summary>Appends a row of another store as an item's first. Writer only; there must be room.</summary>
    public int Copy(RowStore from, int other)
    {
        var row = _rowCount;
        var (columns, place) = (Columns(row), Place(row));
        var (old, oldPlace) = (from.Columns(other), from.Place(other));
        columns.Keys[place] = old.Keys[oldPlace];
        columns.PublishedAt[place] = old.PublishedAt[oldPlace];
        columns.ExpiresAt[place] = old.ExpiresAt[oldPlace];
        columns.LogPositions[place] = old.LogPositions[oldPlace];
        columns.Versions[place] = old.Versions[oldPlace];
        columns.Creators[place] = Translate(from.Indexes.Creators, Indexes.Creators, old.Creators[oldPlace]);
        columns.Songs[place] = Translate(from.Indexes.Songs, Indexes.Songs, old.Songs[oldPlace]);
        columns.Regions[place] = Translate(from.Indexes.Regions, Indexes.Regions, old.Regions[oldPlace]);
        columns.Languages[place] = Translate(from.Indexes.Languages, Indexes.Languages, old.Languages[oldPlace]);
        columns.Tones[place] = Translate(from.Indexes.Tones, Indexes.Tones, old.Tones[oldPlace]);
        columns.Worlds[place] = Translate(from.Indexes.Worlds, Indexes.Worlds, old.Worlds[oldPlace]);
        columns.Previous[place] = -1;
        columns.Ids[place] = Text.Add(from.IdOf(other));
        columns.Durations[place] = old.Durations[oldPlace];
        columns.Qualities[place] = old.Qualities[oldPlace];
        columns.Kinds[place] = old.Kinds[oldPlace];
        columns.Flags[place] = old.Flags[oldPlace];
        columns.TagShares[place] = old.TagShares[oldPlace];
        if (Layout.ContentDimension > 0)
            columns.ContentScales[place] = old.ContentScales[oldPlace];
        old.ContentCodesOf(oldPlace).CopyTo(columns.ContentCodesOf(place));
        old.ContentResidualsOf(oldPlace).CopyTo(columns.ContentResidualsOf(place));
        var tags = from.TagsOf(other);
        var communities = from.CommunitiesOf(other);
        columns.Lists[place] = _rowLists.Reserve(tags.Length, communities.Length, from.FeaturesOf(other).Length, out var list);
        for (var i = 0; i < tags.Length; i++)
            list[i] = Translate(from.Indexes.Tags, Indexes.Tags, tags[i]);
        for (var i = 0; i < communities.Length; i++)
            list[tags.Length + i] = Translate(from.Indexes.Communities, Indexes.Communities, communities[i]);
        var features = from.FeaturesOf(other);
        var values = from.FeatureValuesOf(other);
        for (var (i, at) = (0, tags.Length + communities.Length); i < features.Length; i++, at++)
            (list[at], list[at + features.Length]) = (Translate(from.Indexes.Features, Indexes.Features, features[i]), BitConverter.SingleToInt32Bits(values[i]));
        Finish(columns, place, row, previous: -1);
        return row;
    }

    /// <summary>Completes the indexes up to the last row; before that they may lack the newest rows. Writer only.</summary>
    public void FinishIndexes() => IndexUpTo(_rowCount);

    /// <summary>Releases all memory.</summary>
    public void Retire()
    {
        foreach (var chunk in _chunks)
            _memory.Retire(chunk);
        _map.Retire();
        Indexes.Retire();
        Text.Retire();
        _lists.Retire();
    }

    private static int Translate(SymbolIndex from, SymbolIndex to, int symbol) => to.Add(from.KeyAt(symbol), from.TextOf(symbol));

    private uint AddList(in DecodedItem item)
    {
        var address = _rowLists.Reserve(item.TagKeys.Length, item.CommunityKeys.Length, item.FeatureKeys.Length, out var list);
        for (var i = 0; i < item.TagKeys.Length; i++)
        {
            var from = i == 0 ? 0 : item.TagEnds[i - 1];
            list[i] = Indexes.Tags.Add(item.TagKeys[i], item.TagText[from..item.TagEnds[i]]);
        }
        for (var i = 0; i < item.CommunityKeys.Length; i++)
            list[item.TagKeys.Length + i] = Indexes.Communities.Add(item.CommunityKeys[i], []);
        var count = item.FeatureKeys.Length;
        for (var (i, at) = (0, item.TagKeys.Length + item.CommunityKeys.Length); i < count; i++, at++)
            (list[at], list[at + count]) = (Indexes.Features.Add(item.FeatureKeys[i], []), BitConverter.SingleToInt32Bits(item.FeatureValues[i]));
        return address;
    }

    private void Finish(in ChunkColumns columns, int place, int row, int previous)
    {
        _rowCount = row + 1;
        _map.Set(columns.Keys[place], row, previous);
        Indexes.Creators.PrefetchPost(columns.Creators[place]);
        Indexes.Songs.PrefetchPost(columns.Songs[place]);
        foreach (var tag in TagsOf(row))
            Indexes.Tags.PrefetchPost(tag);
        IndexUpTo(_rowCount - IndexedLate);
    }

    private void IndexUpTo(int count)
    {
        for (; _indexedCount < count; _indexedCount++)
        {
            var (row, columns, place) = (_indexedCount, Columns(_indexedCount), Place(_indexedCount));
            Indexes.Creators.Post(columns.Creators[place], row);
            Indexes.Songs.Post(columns.Songs[place], row);
            Indexes.Regions.Post(columns.Regions[place], row);
            foreach (var tag in TagsOf(row))
                Indexes.Tags.Post(tag, row);
            foreach (var community in CommunitiesOf(row))
                Indexes.Communities.Post(community, row);
            foreach (var feature in FeaturesOf(row))
                Indexes.Features.Post(feature, row);
        }
    }

    /// <summary>Keys of rows.</summary>
    private readonly struct Keys(RowStore rows) : IKeyed
    {
        public ulong KeyAt(int number) => rows.KeyAt(number);
    }
}
