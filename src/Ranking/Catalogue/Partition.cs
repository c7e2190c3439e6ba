using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The part of the catalogue that one shard serves: columns in chunks, rows appended and never changed. An update appends a row and retires the old one; a view is the row count and the bitmap of live rows.
/// One writer, any number of readers, each over the immutable <see cref="PartitionView"/> that it took.
/// </summary>
public sealed class Partition
{
    // Below this many dead rows a compaction would cost more than it frees.
    private const int CompactionFloor = 4 * PartitionChunk.Rows;

    private readonly PartitionSettings _settings;
    private PartitionChunk[] _chunks = [];
    private ItemCounters[][] _counters = [];
    private ulong[] _live = [];
    private KeyMap _map = new(0);
    private RowChain _chain = new();
    private PartitionIndexes _indexes = new();
    private int _rowCount;
    private int _liveCount;
    private long _counterEpoch;
    private PartitionView _view;

    /// <summary>An empty partition.</summary>
    public Partition(PartitionSettings settings)
    {
        _settings = settings;
        _view = MakeView(0);
    }

    /// <summary>The newest view.</summary>
    public PartitionView View => Volatile.Read(ref _view);

    /// <summary>Whether an id can be written: false when another id with the same 64-bit key is there, alive or not yet compacted away.</summary>
    /// <remarks>Writer only: sees what is not published yet.</remarks>
    public bool Accepts(string itemId)
    {
        var row = _map.Find(ItemKey.Of(itemId));
        return row < 0 || IdOf(row) == itemId;
    }

    /// <summary>Appends documents as new rows and retires the rows that they replace. Not visible before <see cref="Publish"/>. Writer only.</summary>
    /// <param name="item">A valid document whose id is accepted.</param>
    /// <param name="logPosition">Position of the document in the log.</param>
    /// <param name="embedding">Item vector; empty without a model.</param>
    public void Put(ItemDocument item, long logPosition, ReadOnlySpan<float> embedding)
    {
        var row = _rowCount;
        var r = row % PartitionChunk.Rows;
        if (r == 0)
            AddChunk();
        var chunk = _chunks[^1];
        PartitionRow.Fill(chunk, r, item, _indexes);
        chunk.LogPositions[r] = logPosition;
        embedding.CopyTo(chunk.Embeddings.AsSpan(r * _settings.EmbeddingDimension, _settings.EmbeddingDimension));

        var key = chunk.Keys[r];
        var previous = _map.Find(key);
        _chain.Append(row, previous);
        // An item that was deleted starts anew: what it counted before would otherwise depend on whether a compaction came between.
        _counters[^1][r] = previous >= 0 && IsLive(previous) ? _counters[previous / PartitionChunk.Rows][previous % PartitionChunk.Rows] : default;
        if (previous >= 0)
            Retire(previous);
        _live[row >> 6] |= 1UL << (row & 63);
        _liveCount++;
        _rowCount = row + 1;
        PartitionRow.Index(chunk, r, row, _indexes);
        _map.Set(key, row);
        if (_map.IsFull)
            _map = _map.Grow();
    }

    /// <summary>Retires the row of an item; false when there is none. Not visible before <see cref="Publish"/>. Writer only.</summary>
    public bool Delete(ulong key)
    {
        var row = _map.Find(key);
        return row >= 0 && Retire(row);
    }

    /// <summary>Counts an event of an item, if it is known. Not visible before <see cref="Publish"/>. Writer only.</summary>
    public void Count(ulong key, Events.EventType type, double value, long at)
    {
        var row = _map.Find(key);
        if (row < 0)
            return;
        ref var counters = ref _counters[row / PartitionChunk.Rows];
        // Published arrays are never written: the first change after a publication copies the chunk's counters.
        if (ReferenceEquals(counters, PublishedCounters(row / PartitionChunk.Rows)))
            counters = (ItemCounters[])counters.Clone();
        counters[row % PartitionChunk.Rows].Add(type, value, at);
    }

    /// <summary>Makes all changes visible at once. Writer only.</summary>
    /// <param name="logPosition">End of the log that the changes bring the partition to.</param>
    /// <param name="counterEpoch">Counter batch applied; null when it has not changed.</param>
    public PartitionView Publish(long logPosition, long? counterEpoch = null)
    {
        _counterEpoch = counterEpoch ?? _counterEpoch;
        if (_rowCount - _liveCount > Math.Max(CompactionFloor, _liveCount))
            Compact();
        var view = MakeView(logPosition);
        Volatile.Write(ref _view, view);
        // The view owns these arrays now; the writer goes on with copies, made when it first needs them.
        _live = (ulong[])_live.Clone();
        _counters = (ItemCounters[][])_counters.Clone();
        return view;
    }

    private ItemCounters[]? PublishedCounters(int chunk) => chunk < _view.Counters.Length ? _view.Counters[chunk] : null;

    private string IdOf(int row) => _chunks[row / PartitionChunk.Rows].Ids[row % PartitionChunk.Rows];

    private bool IsLive(int row) => (_live[row >> 6] >> (row & 63) & 1) != 0;

    private bool Retire(int row)
    {
        if (!IsLive(row))
            return false;
        _live[row >> 6] &= ~(1UL << (row & 63));
        _liveCount--;
        return true;
    }

    private void AddChunk()
    {
        _chunks = [.. _chunks, new PartitionChunk(_settings.ContentDimension, _settings.EmbeddingDimension)];
        _counters = [.. _counters, new ItemCounters[PartitionChunk.Rows]];
        Array.Resize(ref _live, _chunks.Length * (PartitionChunk.Rows / 64));
    }

    private PartitionView MakeView(long logPosition) => new(_settings, _chunks, _counters, _live, _map, _chain, _indexes)
    {
        RowCount = _rowCount,
        LiveCount = _liveCount,
        Epoch = _view is null ? 0 : _view.Epoch + 1,
        LogPosition = logPosition,
        CounterEpoch = _counterEpoch,
    };

    /// <summary>Rewrites the live rows, in order, into fresh chunks, map and indexes. Older views keep theirs.</summary>
    private void Compact()
    {
        var (chunks, counters, live, rows, indexes) = (_chunks, _counters, _live, _rowCount, _indexes);
        (_chunks, _counters, _live, _map, _chain, _indexes, _rowCount, _liveCount) = ([], [], [], new KeyMap(_liveCount), new RowChain(), new PartitionIndexes(), 0, 0);
        for (var old = 0; old < rows; old++)
        {
            if ((live[old >> 6] >> (old & 63) & 1) == 0)
                continue;
            var row = _rowCount;
            var r = row % PartitionChunk.Rows;
            if (r == 0)
                AddChunk();
            var from = chunks[old / PartitionChunk.Rows];
            _chunks[^1].Copy(r, from, old % PartitionChunk.Rows);
            _chain.Append(row, -1);
            _counters[^1][r] = counters[old / PartitionChunk.Rows][old % PartitionChunk.Rows];
            _live[row >> 6] |= 1UL << (row & 63);
            _liveCount++;
            _rowCount = row + 1;
            PartitionRow.Index(_chunks[^1], r, row, _indexes);
            PartitionRow.CopyNames(_chunks[^1], r, indexes, _indexes);
            _map.Set(_chunks[^1].Keys[r], row);
            if (_map.IsFull)
                _map = _map.Grow();
        }
    }
}
