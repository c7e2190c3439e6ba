using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>An immutable view of a partition: what one request reads from first to last, while the writer goes on.</summary>
public sealed class PartitionView
{
    // Keeps works that nobody has met yet in the hot channel's tail, so that a new catalogue is not an empty page.
    private const float ColdHot = 1e-3f;

    private HotScores? _hotColumn;

    internal PartitionView(
        PartitionSettings settings, PartitionChunk[] chunks, ItemCounters[][] counters, ulong[] live, KeyMap map, RowChain chain, PartitionIndexes indexes)
    {
        Settings = settings;
        Chunks = chunks;
        Counters = counters;
        Live = live;
        Map = map;
        Chain = chain;
        Indexes = indexes;
    }

    internal PartitionSettings Settings { get; }

    internal PartitionChunk[] Chunks { get; }

    internal ItemCounters[][] Counters { get; }

    internal ulong[] Live { get; }

    internal KeyMap Map { get; }

    internal RowChain Chain { get; }

    internal PartitionIndexes Indexes { get; }

    /// <summary>Rows, live and dead.</summary>
    public required int RowCount { get; init; }

    /// <summary>Live items.</summary>
    public required int LiveCount { get; init; }

    /// <summary>Counts the published views.</summary>
    public required long Epoch { get; init; }

    /// <summary>End of the log that the view contains.</summary>
    public required long LogPosition { get; init; }

    /// <summary>Counter batch that the view contains.</summary>
    public required long CounterEpoch { get; init; }

    /// <summary>Embedding space of the item vectors; null without a model.</summary>
    public string? SpaceId => Settings.SpaceId;

    /// <summary>Components of a content vector.</summary>
    public int ContentDimension => Settings.ContentDimension;

    /// <summary>Components of an item vector.</summary>
    public int EmbeddingDimension => Settings.EmbeddingDimension;

    /// <summary>Bytes of columns and indexes, near enough for a dashboard: strings are not counted.</summary>
    public long Bytes => Chunks.Sum(c => c.Bytes) + (Chunks.Length * (long)PartitionChunk.Rows * 32) + (Map.Count * 28L);

    /// <summary>
    /// The hot channel's score of every row at a time, dead and ineligible ones included: decayed popularity, and a little for quality, so that works that nobody has met yet are ordered too.
    /// The newest time asked for is kept: scores are computed as of whole minutes, so that most requests of a minute share one column.
    /// </summary>
    internal ReadOnlySpan<float> HotColumn(long now)
    {
        var column = Volatile.Read(ref _hotColumn);
        if (column is null || column.Now != now)
        {
            column = new HotScores(now, new float[RowCount]);
            for (var row = 0; row < RowCount; row++)
            {
                var (c, r) = (row / PartitionChunk.Rows, row % PartitionChunk.Rows);
                column.Scores[row] = Counters[c][r].Hot(now) + (ColdHot * Chunks[c].Quality[r]);
            }
            // Two requests may compute it at once; both columns are equal.
            Volatile.Write(ref _hotColumn, column);
        }
        return column.Scores;
    }

    /// <summary>Live row of a key; -1 when there is none in this view.</summary>
    public int Find(ulong key)
    {
        var row = Map.Find(key);
        while (row >= RowCount)
            row = Chain[row];
        return row >= 0 && IsLive(row) ? row : -1;
    }

    /// <summary>Position in the log of the newest document of a live row.</summary>
    public long LogPositionOf(int row) => Chunk(row).LogPositions[row % PartitionChunk.Rows];

    /// <summary>Id of a row.</summary>
    public string IdOf(int row) => Chunk(row).Ids[row % PartitionChunk.Rows];

    /// <summary>World of a row: key, 0 for the cluster's own.</summary>
    public ulong WorldOf(int row) => Chunk(row).Worlds[row % PartitionChunk.Rows];

    /// <summary>Counters of a row.</summary>
    public ItemCounters CountersOf(int row) => Counters[row / PartitionChunk.Rows][row % PartitionChunk.Rows];

    /// <summary>Facts of a row for a user's state.</summary>
    public ItemFacts FactsOf(int row)
    {
        var chunk = Chunk(row);
        var r = row % PartitionChunk.Rows;
        ref readonly var item = ref chunk.Items[r];
        return new ItemFacts(
            chunk.Ids[r], Indexes.NameOf(item.Creator)!, item.Song == 0 ? null : Indexes.NameOf(item.Song), item.Kind,
            Array.ConvertAll(chunk.Tags[r], tag => Indexes.NameOf(tag)!),
            item.HasContent != 0 ? chunk.Content.AsSpan(r * ContentDimension, ContentDimension).ToArray() : []);
    }

    /// <summary>Copies a row, counters as of a time included, into row <paramref name="to"/> of a block of the same content dimension; the item vector too, when the block has room for it.</summary>
    public void CopyTo(ItemBlock block, int to, int row, long now)
    {
        var chunk = Chunk(row);
        var r = row % PartitionChunk.Rows;
        ref var item = ref block.Rows[to];
        item = chunk.Items[r];
        ref readonly var counters = ref Counters[row / PartitionChunk.Rows][r];
        item.Impressions = counters.Impressions;
        item.Plays = counters.Plays;
        item.Likes = counters.Likes;
        item.Hot = counters.Hot(now);
        block.Ids[to] = chunk.Ids[r];
        chunk.Content.AsSpan(r * ContentDimension, ContentDimension).CopyTo(block.ContentOf(to));
        if (block.EmbeddingDimension > 0)
            chunk.Embeddings.AsSpan(r * EmbeddingDimension, EmbeddingDimension).CopyTo(block.EmbeddingOf(to));
    }

    internal PartitionChunk Chunk(int row) => Chunks[row / PartitionChunk.Rows];

    internal bool IsLive(int row) => (Live[row >> 6] >> (row & 63) & 1) != 0;

    private sealed record HotScores(long Now, float[] Scores);
}
