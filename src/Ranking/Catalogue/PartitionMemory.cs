namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The native memory of one partition. The writer allocates pieces and retires those that the next view does not need; a retired piece is freed when the
/// last view that may read it is closed. Views are known by their epochs: a piece that is retired while view e is the newest can be read by views up to e,
/// and by no later one.
/// </summary>
/// <remarks>The finalizer frees the memory when neither the partition nor a view can be reached any more.</remarks>
internal sealed class PartitionMemory : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<nint, long> _pieces = [];
    private readonly Queue<(long Epoch, nint Piece)> _retired = new();
    private readonly SortedSet<long> _open = [];
    private long _newest = -1;
    private long _bytes;
    private bool _disposed;

    ~PartitionMemory() => FreeAll();

    /// <summary>Bytes that are allocated now, retired ones included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Pieces that are allocated now.</summary>
    public int Pieces
    {
        get
        {
            lock (_lock)
                return _pieces.Count;
        }
    }

    /// <summary>Zeroed memory on a 64-byte boundary.</summary>
    public nint Allocate(long bytes, bool huge = false)
    {
        var piece = NativePages.Allocate(bytes, huge);
        lock (_lock)
        {
            _pieces.Add(piece, bytes);
            _bytes += bytes;
        }
        return piece;
    }

    /// <summary>Retires a piece: it is freed when no view that may read it is open. 0 is ignored.</summary>
    public void Retire(nint piece)
    {
        if (piece == 0)
            return;
        lock (_lock)
        {
            _retired.Enqueue((_newest, piece));
            FreeRetired();
        }
    }

    /// <summary>A view of an epoch, larger than all before, may be read from now on.</summary>
    public void Open(long epoch)
    {
        lock (_lock)
        {
            _open.Add(epoch);
            _newest = epoch;
        }
    }

    /// <summary>The view of an epoch has no reader any more.</summary>
    public void Close(long epoch)
    {
        lock (_lock)
        {
            _open.Remove(epoch);
            FreeRetired();
            if (_disposed && _open.Count == 0)
                FreeAll();
        }
    }

    /// <summary>Ends writing: everything is freed with the last view.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            if (_open.Count == 0)
                FreeAll();
        }
    }

    private void FreeRetired()
    {
        while (_retired.TryPeek(out var oldest) && (_open.Count == 0 || oldest.Epoch < _open.Min))
        {
            _retired.Dequeue();
            if (_pieces.Remove(oldest.Piece, out var bytes))
            {
                NativePages.Free(oldest.Piece, bytes);
                _bytes -= bytes;
            }
        }
    }

    private void FreeAll()
    {
        foreach (var (piece, bytes) in _pieces)
            NativePages.Free(piece, bytes);
        _pieces.Clear();
        _retired.Clear();
        _bytes = 0;
        GC.SuppressFinalize(this);
    }
}
