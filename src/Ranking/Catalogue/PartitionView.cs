namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// An immutable view of a partition: one request reads it from first to last, while the writer goes on. Each <see cref="Partition.Acquire"/> or
/// <see cref="TryHold"/> is given back by one <see cref="Dispose"/>; memory that only this view needs is freed with the last of them. A view that is never
/// given back is closed by its finalizer when it can no longer be reached.
/// </summary>
public sealed partial class PartitionView : IDisposable
{
    private readonly PartitionSettings _settings;
    private readonly PartitionMemory _memory;
    private int _holds = 1;

    internal PartitionView(PartitionSettings settings, PartitionMemory memory, RowStore rows, RowStatesView states, SpaceColumns? space,
        string? secondSpaceId, MemoSlot[] memos)
    {
        _settings = settings;
        _memory = memory;
        Rows = rows;
        States = states;
        Space = space;
        SecondSpaceId = secondSpaceId;
        Memos = memos;
    }

    /// <summary>Closes a view that was never given back.</summary>
    ~PartitionView() => _memory.Close(Epoch);

    internal RowStore Rows { get; }

    internal RowStatesView States { get; }

    internal SpaceColumns? Space { get; }

    /// <summary>One per chunk: there the layer above keeps what it computed from the chunk.</summary>
    internal MemoSlot[] Memos { get; }

    /// <summary>There the layer above keeps what it computed from the whole view.</summary>
    internal MemoSlot Memo { get; } = new(null);

    /// <summary>Rows, live and dead.</summary>
    public required int RowCount { get; init; }

    /// <summary>Live items.</summary>
    public required int LiveCount { get; init; }

    /// <summary>Number of the view, counted over all published ones.</summary>
    public required long Epoch { get; init; }

    /// <summary>End of the log that the view contains.</summary>
    public required long LogPosition { get; init; }

    /// <summary>Counter batch that the view contains.</summary>
    public required long CounterEpoch { get; init; }

    /// <summary>Embedding space of the item vectors; null without a model.</summary>
    public string? SpaceId => Space?.Id;

    /// <summary>The other embedding space that is being filled, or is about to be dropped; null for none.</summary>
    public string? SecondSpaceId { get; }

    /// <summary>Components of a content vector.</summary>
    public int ContentDimension => _settings.ContentDimension;

    /// <summary>Components of an item vector.</summary>
    public int EmbeddingDimension => Space?.Dimension ?? 0;

    /// <summary>Components of an item's vector of the recall head; 0 without one.</summary>
    public int RecallDimension => Space?.Head?.Dimension ?? 0;

    /// <summary>The vectors that the model channel scores: those of the recall head where there is one. Only for views with item vectors.</summary>
    internal SpaceColumns ModelSpace => Space!.Head ?? Space;

    /// <summary>Native memory of the partition, in bytes, pieces that only older views read included.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>Chunks that hold the rows.</summary>
    internal int ChunkCount => Memos.Length;

    internal int ChunkShift => _settings.ChunkShift;

    /// <summary>Words of a bitmap of all chunks' rows.</summary>
    internal int BitmapWords => ChunkCount << (ChunkShift - 6);

    /// <summary>Holds the view once more; false when it was closed already.</summary>
    public bool TryHold()
    {
        for (var holds = Volatile.Read(ref _holds); holds > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (seen == holds)
                return true;
            holds = seen;
        }
        return false;
    }

    /// <summary>Gives the view back, once for each time it was held.</summary>
    /// <exception cref="InvalidOperationException">It was given back more often than held.</exception>
    public void Dispose()
    {
        var left = Interlocked.Decrement(ref _holds);
        if (left < 0)
            throw new InvalidOperationException("a view was given back more often than it was held");
        if (left > 0)
            return;
        GC.SuppressFinalize(this);
        _memory.Close(Epoch);
    }

    /// <summary>Live row of a key; -1 when there is none in this view.</summary>
    public int Find(ulong key)
    {
        ThrowIfClosed();
        var row = Rows.Find(key, RowCount);
        row = row >= 0 && States.IsLive(row) ? row : -1;
        GC.KeepAlive(this);
        return row;
    }

    /// <summary>Live row of a partial key (<see cref="Keys.PartialKey"/>); -1 when there is none in this view.</summary>
    public int FindPartial(ulong partial)
    {
        ThrowIfClosed();
        var row = Rows.FindPartial(partial, RowCount);
        row = row >= 0 && States.IsLive(row) ? row : -1;
        GC.KeepAlive(this);
        return row;
    }

    internal PartitionView Open()
    {
        _memory.Open(Epoch);
        return this;
    }

    /// <summary>Rows of the view in a chunk.</summary>
    internal int RowsOfChunk(int chunk) => Math.Min(1 << ChunkShift, RowCount - (chunk << ChunkShift));

    internal void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _holds) <= 0, this);
}
