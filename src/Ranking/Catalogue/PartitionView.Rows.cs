using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>What a row holds.</summary>
public sealed partial class PartitionView
{
    // How many rows ahead memory is prefetched: the columns first, then what the columns point to. A row is two dozen cache lines.
    private const int ColumnsAhead = 8;
    private const int NamedAhead = 3;

    /// <summary>Whether a row is its item's newest, and the item is not deleted.</summary>
    public bool IsLive(int row)
    {
        CheckRow(row);
        var isLive = States.IsLive(row);
        GC.KeepAlive(this);
        return isLive;
    }

    /// <summary>Key of a row.</summary>
    public ulong KeyOf(int row)
    {
        CheckRow(row);
        var key = Rows.KeyAt(row);
        GC.KeepAlive(this);
        return key;
    }

    /// <summary>Position in the log of the document of a row, when it was written; 0 when the row comes from a base snapshot.</summary>
    public unsafe long LogPositionOf(int row)
    {
        CheckRow(row);
        var position = Rows.Columns(row).LogPositions[Rows.Place(row)];
        GC.KeepAlive(this);
        return position;
    }

    /// <summary>Version of a row: what callers know as the item's ETag.</summary>
    public unsafe long VersionOf(int row)
    {
        CheckRow(row);
        var version = Rows.Columns(row).Versions[Rows.Place(row)];
        GC.KeepAlive(this);
        return version;
    }

    /// <summary>Id of a row.</summary>
    public unsafe string IdOf(int row)
    {
        CheckRow(row);
        var id = Rows.Text.StringAt(Rows.Columns(row).Ids[Rows.Place(row)]);
        GC.KeepAlive(this);
        return id;
    }

    /// <summary>The live rows of the smallest keys above one, in the order of their keys. Looks at every row: some milliseconds for a million.</summary>
    /// <param name="after">Key that all are above; null for none.</param>
    /// <param name="most">Most rows wanted.</param>
    public int[] RowsAfter(ulong? after, int most)
    {
        ThrowIfClosed();
        // The largest key stands first and makes way for a smaller one.
        var smallest = new PriorityQueue<int, ulong>(most, Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
        for (var row = 0; row < RowCount; row++)
        {
            if (!States.IsLive(row) || Rows.KeyAt(row) is var key && key <= after)
                continue;
            if (smallest.Count < most)
                smallest.Enqueue(row, key);
            else if (smallest.TryPeek(out _, out var largest) && key < largest)
                smallest.DequeueEnqueue(row, key);
        }
        var rows = new int[smallest.Count];
        for (var i = rows.Length - 1; i >= 0; i--)
            rows[i] = smallest.Dequeue();
        GC.KeepAlive(this);
        return rows;
    }

    /// <summary>World of a row: key, 0 for the cluster's own.</summary>
    public unsafe ulong WorldOf(int row)
    {
        CheckRow(row);
        var world = Rows.Indexes.Worlds.KeyAt(Rows.Columns(row).Worlds[Rows.Place(row)]);
        GC.KeepAlive(this);
        return world;
    }

    /// <summary>Counters of a row.</summary>
    public ItemCounters CountersOf(int row)
    {
        CheckRow(row);
        var counters = States.CountersOf(row);
        GC.KeepAlive(this);
        return counters;
    }

    /// <summary>Kind of a row.</summary>
    public ItemKind KindOf(int row)
    {
        CheckRow(row);
        var kind = Rows.Columns(row).KindOf(Rows.Place(row));
        GC.KeepAlive(this);
        return kind;
    }

    /// <summary>Facts of a row for a user's state.</summary>
    public unsafe ItemFacts FactsOf(int row)
    {
        CheckRow(row);
        var (columns, place, indexes) = (Rows.Columns(row), Rows.Place(row), Rows.Indexes);
        var symbols = Rows.TagsOf(row);
        var tags = new string[symbols.Length];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = indexes.Tags.NameOf(symbols[i])!;
        float[] content = [];
        if ((columns.Flags[place] & ChunkColumns.ContentFlag) != 0)
        {
            content = new float[ContentDimension];
            RowReader.CopyContent(columns, place, content);
        }
        var (creator, song) = (indexes.Creators.NameOf(columns.Creators[place])!, indexes.Songs.NameOf(columns.Songs[place]));
        var facts = new ItemFacts(Rows.Text.StringAt(columns.Ids[place]), creator, song, columns.KindOf(place), tags, content);
        GC.KeepAlive(this);
        return facts;
    }

    /// <summary>What filters read of rows beside their columns, in the order of the rows.</summary>
    public ItemAttributes[] AttributesOf(ReadOnlySpan<int> rows)
    {
        var items = new ItemAttributes[rows.Length];
        for (var i = 0; i < items.Length; i++)
        {
            CheckRow(rows[i]);
            items[i] = new ItemAttributes(
                KeysOf(Rows.Indexes.Communities, Rows.CommunitiesOf(rows[i])), KeysOf(Rows.Indexes.Features, Rows.FeaturesOf(rows[i])),
                Rows.FeatureValuesOf(rows[i]).ToArray());
        }
        GC.KeepAlive(this);
        return items;

        static ulong[] KeysOf(SymbolIndex index, ReadOnlySpan<int> symbols)
        {
            var keys = new ulong[symbols.Length];
            for (var i = 0; i < keys.Length; i++)
                keys[i] = index.KeyAt(symbols[i]);
            return keys;
        }
    }

    /// <summary>
    /// Copies rows, as <see cref="CopyTo(ItemBlock, int, int, long)"/> copies one, to the front of a block. Rows lie all over memory, so the next ones are
    /// prefetched while one is copied.
    /// </summary>
    public void CopyTo(ItemBlock block, ReadOnlySpan<int> rows, long now)
    {
        for (var i = 0; i < Math.Min(ColumnsAhead, rows.Length); i++)
            Prefetch(rows[i]);
        for (var i = 0; i < rows.Length; i++)
        {
            if (i + ColumnsAhead < rows.Length)
                Prefetch(rows[i + ColumnsAhead]);
            if (i + NamedAhead < rows.Length)
                Rows.PrefetchNamed(rows[i + NamedAhead]);
            CopyTo(block, i, rows[i], now);
        }
        GC.KeepAlive(this);

        void Prefetch(int row)
        {
            CheckRow(row);
            Rows.PrefetchColumns(row);
        }
    }

    /// <summary>
    /// Copies a row, counters as of a time included, into row <paramref name="to"/> of a block of the same content dimension; the item vector too,
    /// when the block has room for it.
    /// </summary>
    public unsafe void CopyTo(ItemBlock block, int to, int row, long now)
    {
        CheckRow(row);
        var (columns, place) = (Rows.Columns(row), Rows.Place(row));
        ref var item = ref block.Rows[to];
        item = RowReader.Read(Rows, row);
        var counters = States.CountersOf(row);
        item.Impressions = counters.Impressions;
        item.Plays = counters.Plays;
        item.Likes = counters.Likes;
        item.Comments = counters.Comments;
        item.Hot = counters.Hot(now);
        block.Ids[to] = Rows.Text.StringAt(columns.Ids[place]);
        RowReader.CopyContent(columns, place, block.ContentOf(to));
        if (block.EmbeddingDimension > 0)
            Space!.Read(row, block.EmbeddingOf(to));
        GC.KeepAlive(this);
    }

    private void CheckRow(int row)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)RowCount, nameof(row));
    }
}
