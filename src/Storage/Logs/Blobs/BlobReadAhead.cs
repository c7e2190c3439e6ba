namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>
/// What a reader that goes along a log will ask for next. Logs are read in small windows, which is right for a disk; a request to the service takes some
/// milliseconds, whatever it reads. Bytes of a segment never change, so that those kept stay right.
/// </summary>
internal sealed class BlobReadAhead
{
    /// <summary>How much one request reads for such a reader.</summary>
    public const int Bytes = 2 << 20;

    /// <summary>Less than this is not kept: a fence at a segment's end, or an append on its way, would hold a whole buffer until the next read.</summary>
    public const int LeastKept = 64 << 10;

    private readonly Lock _gate = new();
    private string? _segment;
    private long _lastStart;
    private long _lastEnd;
    private byte[] _kept = [];
    private int _keptLength;
    private long _keptStart;

    /// <summary>Fills a buffer from what is kept, and forgets it when it ends there.</summary>
    /// <returns>Whether the whole range was there.</returns>
    public bool TryRead(string segment, long offset, Span<byte> destination)
    {
        lock (_gate)
        {
            long end = offset + destination.Length;
            if (segment != _segment || offset < _keptStart || end > _keptStart + _keptLength)
                return false;
            _kept.AsSpan((int)(offset - _keptStart), destination.Length).CopyTo(destination);
            (_lastStart, _lastEnd) = (offset, end);
            if (end == _keptStart + _keptLength)
                Forget();
            return true;
        }
    }

    /// <summary>Notes a range that is about to be read.</summary>
    /// <returns>Whether it goes on where the one before was, so that reading ahead pays.</returns>
    public bool Follows(string segment, long offset, int length)
    {
        lock (_gate)
        {
            // A reader starts again at the record that its last window had in part.
            var follows = segment == _segment && offset > _lastStart && offset <= _lastEnd;
            (_segment, _lastStart, _lastEnd) = (segment, offset, offset + length);
            Forget();
            return follows;
        }
    }

    /// <summary>Keeps what was read of a segment from an offset on.</summary>
    public void Keep(string segment, long start, byte[] bytes, int length)
    {
        lock (_gate)
        {
            if (segment == _segment)
                (_kept, _keptStart, _keptLength) = (bytes, start, length);
        }
    }

    private void Forget() => (_kept, _keptStart, _keptLength) = ([], 0, 0);
}
