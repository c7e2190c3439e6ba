using System.Diagnostics;

namespace KgOrleans.Grains.Scoring;

/// <summary>
/// The work of one scene in the pool. The pool serves the lane that has had the least time of its threads, so that a scene whose work is expensive gets no
/// more than its share while others wait (start-time fair queueing, Goyal, Vin and Cheng 1996). Used under the pool's lock.
/// </summary>
internal sealed class PoolLane
{
    // From this mean on, a thread that is given away is not back before others notice.
    private static readonly long LongTicks = Stopwatch.Frequency * 20 / 1000;

    private readonly Queue<PoolJob> _jobs = new();
    private readonly Queue<PoolJob> _passes = new();
    private long _mean;

    /// <summary>Passes over partitions that requests of the lane can still join.</summary>
    public Dictionary<IScanSource, ScanBatch> Open { get; } = [];

    /// <summary>Callers that wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Jobs that hold a thread.</summary>
    public int Running { get; private set; }

    /// <summary>Time of threads that the lane has had, in ticks of the stopwatch, on the pool's common scale.</summary>
    public long Had { get; set; }

    /// <summary>Whether the lane has work that waits.</summary>
    public bool HasWork => _jobs.Count > 0 || _passes.Count > 0;

    /// <summary>When a job was last queued, in ticks of the stopwatch.</summary>
    public long LastUsed { get; set; }

    /// <summary>Whether its jobs hold a thread for long. Such a lane leaves one thread to the others while there are any.</summary>
    public bool IsLong => _mean > LongTicks;

    /// <summary>Queues a job.</summary>
    public void Add(PoolJob job) => (job is ScanBatch ? _passes : _jobs).Enqueue(job);

    /// <summary>
    /// Takes the next job. Jobs go before passes: they are later stages of earlier requests, and a pass that waits a little longer is shared by more requests.
    /// </summary>
    public PoolJob Take()
    {
        var job = _jobs.TryDequeue(out var next) ? next : _passes.Dequeue();
        Waiting -= job.Callers;
        Running++;
        // Paid in advance, as far as one can tell: otherwise the lane could take every thread before it has paid for one.
        Had += _mean;
        return job;
    }

    /// <summary>Pays for a job that has ended.</summary>
    /// <param name="mean">What was paid in advance.</param>
    /// <param name="took">What it took.</param>
    public void Pay(long mean, long took)
    {
        Running--;
        Had += took - mean;
        _mean += (took - _mean) / 8;
    }

    /// <summary>Mean time of the lane's jobs now, in ticks of the stopwatch.</summary>
    public long Mean => _mean;
}
