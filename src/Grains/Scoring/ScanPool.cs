using System.Diagnostics;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Scoring;

/// <summary>
/// A fixed number of threads with a bounded queue for long CPU work. Requests of one partition that wait at the same time share one pass: the first queues a
/// batch, and others join it until a thread takes it. A single request finds a free thread and waits for no other.
/// </summary>
/// <remarks>
/// Every scene has a lane. Threads go to the lane that has had the least of their time; a lane of long jobs leaves one thread to others that were used within
/// the last seconds; and no lane may fill the last quarter of the queue. So a scene whose settings are at their limits slows itself down and not the others.
/// </remarks>
public sealed class ScanPool : IDisposable
{
    // Longer than the pauses between requests of a scene that somebody uses.
    private static readonly long RecentTicks = 5 * Stopwatch.Frequency;

    private readonly object _lock = new();
    private readonly Dictionary<ulong, PoolLane> _lanes = [];
    private readonly Thread[] _threads;
    private readonly int _queueLength;
    private readonly int _laneLength;
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
        _laneLength = Math.Max(1, queueLength - (queueLength / 4));
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
    /// <param name="lane">Key of the scene that the job is for.</param>
    /// <param name="work">The job.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<T>? TryRun<T>(ulong lane, Func<T> work, CancellationToken cancellationToken)
    {
        var job = new FunctionJob<T>(work, cancellationToken);
        lock (_lock)
        {
            if (LaneFor(lane) is not { } of)
                return null;
            Enqueue(of, job);
        }
        return job.Task;
    }

    /// <summary>
    /// Queues a request for the newest view of a partition; null when too many callers wait, or the pool is closing. A request that is cancelled while it
    /// waits costs nothing.
    /// </summary>
    /// <param name="lane">Key of the scene that the request is for. Requests of one scene share a pass.</param>
    /// <param name="source">The partition.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ScanAnswer>? TryScan(ulong lane, IScanSource source, RecallRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (LaneFor(lane) is not { } of)
                return null;
            if (!of.Open.TryGetValue(source, out var batch) || batch.IsFull)
            {
                of.Open[source] = batch = new ScanBatch(source);
                Enqueue(of, batch);
            }
            _waiting++;
            of.Waiting++;
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

    /// <summary>The lane, for another caller; null when the caller is refused.</summary>
    private PoolLane? LaneFor(ulong key)
    {
        if (_isClosing || _waiting >= _queueLength)
            return null;
        ref var lane = ref CollectionsMarshal.GetValueRefOrAddDefault(_lanes, key, out _);
        lane ??= new PoolLane();
        return lane.Waiting < _laneLength ? lane : null;
    }

    private void Enqueue(PoolLane lane, PoolJob job)
    {
        // Who was away saves nothing up: the others would stand still until it is spent.
        if (!lane.HasWork && lane.Running == 0)
            lane.Had = Math.Max(lane.Had, LeastHad());
        lane.LastUsed = Stopwatch.GetTimestamp();
        lane.Add(job);
        lane.Waiting += job.Callers;
        _waiting += job.Callers;
        Monitor.Pulse(_lock);
    }

    private long LeastHad()
    {
        var least = long.MaxValue;
        foreach (var lane in _lanes.Values)
        {
            if (lane.HasWork || lane.Running > 0)
                least = Math.Min(least, lane.Had);
        }
        return least == long.MaxValue ? 0 : least;
    }

    private void RunJobs()
    {
        using var scan = new RecallScan();
        while (Take(out var lane, out var paid) is { } job)
        {
            var started = Stopwatch.GetTimestamp();
            job.Execute(scan);
            lock (_lock)
            {
                _busy--;
                lane.Pay(paid, Stopwatch.GetTimestamp() - started);
                // A thread may have waited because this lane held too many.
                if (_isClosing)
                    Monitor.PulseAll(_lock);
                else if (_waiting > 0)
                    Monitor.Pulse(_lock);
            }
            job.Finish();
        }
    }

    private PoolJob? Take(out PoolLane lane, out long paid)
    {
        lock (_lock)
        {
            while (!TryChoose(out lane))
            {
                if (_isClosing && _waiting == 0)
                {
                    paid = 0;
                    return null;
                }
                Monitor.Wait(_lock);
            }
            paid = lane.Mean;
            var job = lane.Take();
            _waiting -= job.Callers;
            _busy++;
            if (job is ScanBatch batch)
            {
                _batches++;
                _scans += batch.Callers;
                // From here on no request can join.
                if (lane.Open.TryGetValue(batch.Source, out var open) && ReferenceEquals(open, batch))
                    lane.Open.Remove(batch.Source);
            }
            return job;
        }
    }

    private bool TryChoose(out PoolLane chosen)
    {
        chosen = null!;
        foreach (var lane in _lanes.Values)
        {
            if (lane.HasWork && (chosen is null || lane.Had < chosen.Had) && !LeavesThread(lane))
                chosen = lane;
        }
        return chosen is not null;
    }

    /// <summary>Whether a lane of long jobs holds every thread but the last, and others may want that one.</summary>
    private bool LeavesThread(PoolLane lane)
    {
        if (!lane.IsLong || lane.Running < Math.Max(1, _threads.Length - 1))
            return false;
        var recent = Stopwatch.GetTimestamp() - RecentTicks;
        foreach (var other in _lanes.Values)
        {
            if (!ReferenceEquals(other, lane) && (other.LastUsed > recent || other.HasWork))
                return true;
        }
        return false;
    }
}
