using System.Collections.Concurrent;
using KgOrleans.Grains.Configuration;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Scoring;

/// <summary>Refused: too many jobs wait for the scoring pool.</summary>
public sealed class ScoringOverloadedException() : Exception("the scoring pool's queue is full");

/// <summary>The silo's bounded pool for long CPU work: scans, rankers, diversity. Grain turns await it and stay short.</summary>
public sealed class ScoringPool : IDisposable
{
    private readonly BlockingCollection<Action> _jobs;
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    public ScoringPool(IOptions<KgOptions> options)
    {
        var scoring = options.Value.Scoring;
        _jobs = new BlockingCollection<Action>(scoring.QueueLength);
        _threads = new Thread[scoring.Threads > 0 ? scoring.Threads : Environment.ProcessorCount];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"kg-scoring-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Runs a job on the pool. A cancelled caller does not wait: its job is skipped, or runs to its end unheard, so that a job must not touch what its caller goes on with.</summary>
    /// <exception cref="ScoringOverloadedException">The queue is full, or the pool is closing.</exception>
    public Task<T> Run<T>(Func<T> job, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Execute()
        {
            // A job whose caller has left is not worth its time.
            if (cancellationToken.IsCancellationRequested)
            {
                done.TrySetCanceled(cancellationToken);
                return;
            }
            try
            {
                done.TrySetResult(job());
            }
            catch (Exception e)
            {
                done.TrySetException(e);
            }
        }
        bool queued;
        try
        {
            queued = _jobs.TryAdd(Execute);
        }
        catch (InvalidOperationException)
        {
            queued = false;
        }
        return queued ? done.Task.WaitAsync(cancellationToken) : Task.FromException<T>(new ScoringOverloadedException());
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (var thread in _threads)
            thread.Join();
        _jobs.Dispose();
    }

    private void Work()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
            job();
    }
}
