using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Scoring;

/// <summary>
/// A fixed number of threads with a bounded queue for long CPU work. Requests of one partition that wait at the same time share one pass: the first queues a
/// batch, and others join it until a thread takes it. A single request finds a free thread and waits for no other.
/// </summary>
/// <remarks>
/// Jobs go before passes: they are later stages of earlier requests, and a pass that waits a little longer is shared by more requests. Jobs cannot starve
/// passes, since each request brings only a few of them.
/// </remarks>
public sealed class ScanPool : IDisposable
{
    private readonly object _lock = new();
    private readonly Queue<PoolJob> _jobs = new();
    private readonly Queue<PoolJob> _passes = new();
    private readonly Dictionary<IScanSource, ScanBatch> _open = [];
    private readonly Thread[] _threads;
    private readonly int _queueLength;
    private int _waiting;
    private int _busy;
    private bool _isClosing;
    private long _batches;
    private long _scans;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="queueLength">Callers that may wait.</param>
    public ScanPool(int threads, int queueLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queueLength, 1);
        _queueLength = queueLength;
        _threads = new Thread[threads];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(RunJobs) { IsBackground = true, Name = $"kg-scoring-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Batches of requests taken by a thread so far.</summary>
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Requests in them.</summary>
    public long Scans => Volatile.Read(ref _scans);

    /// <summary>Idle threads now: a hint for callers that can split their work.</summary>
    public int Idle => _threads.Length - Volatile.Read(ref _busy);

    /// <summary>
    /// Queues a job; null when too many callers wait, or the pool is closing. Cancellation frees the caller at once; the job is skipped or runs on, so it
    /// must not touch anything that the caller uses afterwards.
    /// </summary>
    public Task<T>? TryRun<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var job = new FunctionJob<T>(work, cancellationToken);
        lock (_lock)
        {
            if (IsRefused())
                return null;
            Enqueue(_jobs, job);
        }
        return job.Task;
    }

    /// <summary>
    /// Queues a request for the newest view of a partition; null when too many callers wait, or the pool is closing. A request that is cancelled while it
    /// waits costs nothing.
    /// </summary>
    public Task<ScanAnswer>? TryScan(IScanSource source, RecallRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (IsRefused())
                return null;
            if (!_open.TryGetValue(source, out var batch) || batch.IsFull)
            {
                _open[source] = batch = new ScanBatch(source);
                Enqueue(_passes, batch);
            }
            _waiting++;
            return batch.Join(request, cancellationToken);
        }
    }

    /// <summary>Finishes what is queued and ends the threads.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosing = true;
            Monitor.PulseAll(_lock);
        }
        foreach (var thread in _threads)
            thread.Join();
    }

    private bool IsRefused() => _isClosing || _waiting >= _queueLength;

    private void Enqueue(Queue<PoolJob> queue, PoolJob job)
    {
        queue.Enqueue(job);
        _waiting += job.Callers;
        Monitor.Pulse(_lock);
    }

    private void RunJobs()
    {
        using var scan = new RecallScan();
        while (Take() is { } job)
        {
            job.Execute(scan);
            lock (_lock)
                _busy--;
            job.Finish();
        }
    }

    private PoolJob? Take()
    {
        lock (_lock)
        {
            PoolJob? job;
            while (!_jobs.TryDequeue(out job) && !_passes.TryDequeue(out job))
            {
                if (_isClosing)
                    return null;
                Monitor.Wait(_lock);
            }
            _waiting -= job.Callers;
            _busy++;
            if (job is ScanBatch batch)
            {
                _batches++;
                _scans += batch.Callers;
                // From here on no request can join.
                if (_open.TryGetValue(batch.Source, out var open) && ReferenceEquals(open, batch))
                    _open.Remove(batch.Source);
            }
            return job;
        }
    }
}
