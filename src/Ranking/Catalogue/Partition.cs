using System.Text;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The part of the catalogue that one shard serves: columns in chunks of native memory, rows appended and never changed. An update appends a row and
/// retires the old one; a view is a row count, the bitmaps of live rows and the counters. One writer, any number of readers, each over the immutable
/// <see cref="PartitionView"/> that it holds.
/// </summary>
public sealed partial class Partition : IDisposable
{
    // Below this many dead rows a compaction would cost more than it frees.
    private const int CompactionFloor = 4096;

    private readonly PartitionSettings _settings;
    private readonly ChunkLayout _layout;
    private readonly PartitionMemory _memory = new();
    private readonly DocumentDecoder _decoder;
    private RowStore _rows;
    private RowStates _states;
    private SpaceColumns? _primary;
    private SpaceColumns? _second;
    private int _liveCount;
    private long _counterEpoch;
    private bool _isClosed;
    private PartitionView _view;

    /// <summary>An empty partition.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A dimension or the size of chunks is out of range.</exception>
    public Partition(PartitionSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.ChunkShift, 6);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.ChunkShift, 20);
        _settings = settings;
        _layout = new ChunkLayout(settings.ChunkShift, settings.ContentDimension);
        _decoder = new DocumentDecoder(settings.ContentDimension);
        _rows = new RowStore(_memory, _layout);
        _states = new RowStates(_memory, settings.ChunkShift);
        if (settings.EmbeddingDimension > 0)
            _primary = NewSpace(settings.SpaceId, settings.EmbeddingDimension, settings.RecallDimension);
        _view = MakeView(0, null);
    }

    /// <summary>Bytes of native memory that are allocated now, those that only older views read included.</summary>
    public long AllocatedBytes => _memory.Bytes;

    internal PartitionMemory Memory => _memory;

    /// <summary>The newest view, held: dispose of it when nothing reads it any more.</summary>
    /// <exception cref="ObjectDisposedException">The partition is closed.</exception>
    public PartitionView Acquire()
    {
        while (true)
        {
            var view = Volatile.Read(ref _view);
            if (view.TryHold())
                return view;
            // Between the read and the hold, the writer published a newer view or closed the partition.
            ObjectDisposedException.ThrowIf(ReferenceEquals(view, Volatile.Read(ref _view)), this);
        }
    }

    /// <summary>Whether an id can be written: false when another id with the same 64-bit key is there, alive or not yet compacted away.</summary>
    /// <remarks>Writer only: it sees unpublished rows too.</remarks>
    public bool Accepts(string itemId)
    {
        var row = _rows.Newest(Key64.Of(itemId));
        return row < 0 || Encoding.UTF8.GetString(_rows.IdOf(row)) == itemId;
    }

    /// <summary>Appends a document as a new row and retires the row that it replaces. Not visible before <see cref="Publish"/>. Writer only.</summary>
    /// <param name="item">A valid document whose id is accepted.</param>
    /// <param name="logPosition">Position of the document in the log.</param>
    /// <param name="embedding">Item vector in the primary space; empty for none.</param>
    /// <param name="secondEmbedding">Item vector in the second space; empty for none.</param>
    /// <param name="recall">Vector of the recall head in the primary space; empty for none.</param>
    /// <param name="secondRecall">Vector of the recall head in the second space; empty for none.</param>
    /// <param name="version">The item's version; the position without one.</param>
    /// <exception cref="ArgumentException">Another id with the same key is there, or a vector has another dimension.</exception>
    public void Put(
        ItemDocument item, long logPosition, ReadOnlySpan<float> embedding, ReadOnlySpan<float> secondEmbedding = default,
        ReadOnlySpan<float> recall = default, ReadOnlySpan<float> secondRecall = default, long? version = null)
    {
        var decoded = _decoder.Decode(item);
        decoded.LogPosition = logPosition;
        decoded.Version = version ?? logPosition;
        decoded.Embedding = embedding;
        decoded.SecondEmbedding = secondEmbedding;
        decoded.Recall = recall;
        decoded.SecondRecall = secondRecall;
        Append(decoded);
    }

    /// <summary>Appends a decoded item as a new row, as <see cref="Put"/> does. Writer only.</summary>
    /// <exception cref="ArgumentException">Another id with the same key is there, or a length does not fit.</exception>
    public void Append(in DecodedItem item)
    {
        var previous = _rows.Newest(item.Key);
        Check(item, previous);
        if (_rows.NeedsChunk)
            AddChunk();
        var row = _rows.Append(item, previous);
        _primary?.Write(row, item.Embedding, item.Recall);
        _second?.Write(row, item.SecondEmbedding, item.SecondRecall);
        // A deleted item starts with new counters: otherwise they would depend on whether a compaction came between.
        if (previous >= 0 && _states.IsLive(previous))
        {
            var counters = _states.Read(previous);
            if (!counters.IsZero)
                _states.Write(row) = counters;
            Retire(previous);
        }
        _states.SetLive(row, true);
        _liveCount++;
    }

    /// <summary>Prefetches the memory that appending an item will touch, for writers that know some items ahead what comes.</summary>
    public void Prefetch(ulong key, ulong creatorKey, ulong songKey) => _rows.Prefetch(key, creatorKey, songKey);

    /// <summary>Retires the row of an item; false when there is none. Not visible before <see cref="Publish"/>. Writer only.</summary>
    public bool Delete(ulong key)
    {
        var row = _rows.Newest(key);
        return row >= 0 && Retire(row);
    }

    /// <summary>Counts an event of an item, or takes it back, if the item is known. Not visible before <see cref="Publish"/>. Writer only.</summary>
    public void Count(ulong key, EventType type, double value, long at, bool takesBack = false)
    {
        var row = _rows.Newest(key);
        if (row < 0)
            return;
        ref var counters = ref _states.Write(row);
        if (takesBack)
            counters.TakeBack(type, value, at);
        else
            counters.Add(type, value, at);
    }

    /// <summary>Counts a user who has come to like an item, if the item is known. Not visible before <see cref="Publish"/>. Writer only.</summary>
    /// <param name="partial">Partial key of the item.</param>
    /// <param name="weight">Weight of the user (<see cref="ItemPairs.WeightOf"/>).</param>
    public void CountFan(ulong partial, int weight)
    {
        if (_rows.NewestPartial(partial) is >= 0 and var row)
            _states.Write(row).Fans += (uint)weight;
    }

    /// <summary>Gives an item counters that were counted before, if it is known. Not visible before <see cref="Publish"/>. Writer only.</summary>
    public void Restore(ulong key, ItemCounters counters)
    {
        if (!counters.IsZero && _rows.Newest(key) is >= 0 and var row)
            _states.Write(row) = counters;
    }

    /// <summary>Makes all changes visible at once. Writer only.</summary>
    /// <param name="logPosition">End of the log that the changes bring the partition to.</param>
    /// <param name="counterEpoch">Number of the newest batch of events that was counted; null when it has not changed.</param>
    public void Publish(long logPosition, long? counterEpoch = null)
    {
        _counterEpoch = counterEpoch ?? _counterEpoch;
        var isCompacted = _rows.RowCount - _liveCount > Math.Max(CompactionFloor, _liveCount);
        if (isCompacted)
            Compact();
        _rows.FinishIndexes();
        var before = _view;
        Volatile.Write(ref _view, MakeView(logPosition, isCompacted ? null : before.Memos));
        before.Dispose();
    }

    /// <summary>Closes the partition: no view can be acquired any more, and the memory is freed with the last that is held. Writer only.</summary>
    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _view.Dispose();
        _memory.Dispose();
    }

    private void Check(in DecodedItem item, int previous)
    {
        if (previous >= 0 && !_rows.IdOf(previous).SequenceEqual(item.Id))
            throw new ArgumentException($"the id of row {previous} has the same key {item.Key}", nameof(item));
        if (item.Id.Length > TextHeap.LongestText || item.Creator.Length > TextHeap.LongestText || item.Song.Length > TextHeap.LongestText)
            throw new ArgumentException($"an id is longer than {TextHeap.LongestText} bytes", nameof(item));
        if (item.Content.Length != _layout.ContentDimension)
            throw new ArgumentException($"a content vector of {item.Content.Length} components, the partition has {_layout.ContentDimension}", nameof(item));
        Check(_primary, item.Embedding, item.Recall);
        Check(_second, item.SecondEmbedding, item.SecondRecall);
    }

    private bool Retire(int row)
    {
        if (!_states.IsLive(row))
            return false;
        _states.SetLive(row, false);
        _liveCount--;
        return true;
    }

    private void AddChunk()
    {
        _rows.AddChunk();
        _states.AddChunk();
        _primary?.AddChunk();
        _second?.AddChunk();
    }

    private PartitionView MakeView(long logPosition, MemoSlot[]? memos)
    {
        var chunks = (_rows.RowCount + _layout.Rows - 1) >> _layout.Shift;
        var next = new MemoSlot[chunks];
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var before = memos is null || chunk >= memos.Length ? null : memos[chunk];
            next[chunk] = before is null || _states.Touched.Contains(chunk) ? new MemoSlot(before) : before;
        }
        _primary?.MarkServed();
        return new PartitionView(_settings, _memory, _rows, _states.Snapshot(), _primary?.Snapshot(), _second?.Id, next)
        {
            RowCount = _rows.RowCount,
            LiveCount = _liveCount,
            Epoch = _view is null ? 0 : _view.Epoch + 1,
            LogPosition = logPosition,
            CounterEpoch = _counterEpoch,
        }.Open();
    }

    /// <summary>Rewrites the live rows, in order, into fresh memory. Older views keep theirs until they are closed.</summary>
    private void Compact()
    {
        var (rows, states, primary, second) = (_rows, _states, _primary, _second);
        _rows = new RowStore(_memory, _layout);
        _states = new RowStates(_memory, _layout.Shift);
        _primary = EmptyCopy(primary);
        _second = EmptyCopy(second);
        if (second is { IsServed: true })
            _second!.MarkServed();
        for (var old = 0; old < rows.RowCount; old++)
        {
            if (!states.IsLive(old))
                continue;
            if (_rows.NeedsChunk)
                AddChunk();
            var row = _rows.Copy(rows, old);
            _primary?.Copy(row, primary!, old);
            _second?.Copy(row, second!, old);
            _states.SetLive(row, true);
            var counters = states.Read(old);
            if (!counters.IsZero)
                _states.Write(row) = counters;
        }
        rows.Retire();
        states.Retire();
        primary?.Retire();
        second?.Retire();
    }
}
