namespace KgOrleans.Api.Documents;

/// <summary>Counts an upload's documents as they end; written to by several lanes at once.</summary>
internal sealed class BulkOutcome
{
    /// <summary>Most rejections that an answer lists.</summary>
    public const int Listed = 1_000;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<RejectedLine, long> _rejected = new();
    private long _accepted;
    private long _rejectedCount;
    private long _unavailable;

    /// <summary>Whether nothing was written and everything failed for a passing reason.</summary>
    public bool NothingAvailable => _accepted == 0 && _unavailable > 0 && _unavailable == _rejectedCount;

    public void Accept()
    {
        lock (_lock)
            _accepted++;
    }

    public void Reject(long line, string code, string message, bool passing = false)
    {
        lock (_lock)
        {
            _rejectedCount++;
            _unavailable += passing ? 1 : 0;
            // The lowest lines are kept: the queue's head is the highest of them.
            if (_rejected.Count < Listed)
                _rejected.Enqueue(new RejectedLine(line, code, message), -line);
            else
                _rejected.EnqueueDequeue(new RejectedLine(line, code, message), -line);
        }
    }

    /// <summary>The answer, once every lane has ended.</summary>
    public BulkAnswer ToAnswer() => new(_accepted, [.. _rejected.UnorderedItems.Select(r => r.Element).OrderBy(r => r.Line)], _rejectedCount);
}
